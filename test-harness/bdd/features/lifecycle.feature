Feature: Start and stop
  Starts only with a valid configuration, stops without dropping what runs.

  @ORCH-2302 @ORCH-2301 @ORCH-8001
  Scenario: A stop lets running tasks finish
    Given a new service
    And task "a" runs
    And reader "r" follows task "a"
    When the service is told to stop
    And the service refuses new tasks
    And the engine writes 2 tokens for task "a"
    And the engine finishes task "a"
    And reader "r" is at the end
    Then reader "r" ends with end stop
    And reader "r" got a whole stream of task "a"
    And the service exits with 0

  @ORCH-2304
  Scenario: Waiting tasks are told of the stop
    Given a new service with
      | store.backend | "memory" |
    And task "a" runs
    And task "b" waits
    And reader "r" follows task "b"
    When the service is told to stop
    And the service refuses new tasks
    And the engine finishes task "a"
    And reader "r" is at the end
    Then reader "r" ends with end canceled
    And the service exits with 0

  @ORCH-2302
  Scenario: What does not finish within the grace period is canceled
    Given a new service with
      | store.backend | "memory" |
      | shutdown.grace_ms | 50 |
    And task "a" runs
    And reader "r" follows task "a"
    When the service is told to stop
    And reader "r" is at the end
    Then reader "r" ends with end canceled
    And the service exits with 0

  @ORCH-2303
  Scenario: A second signal ends at once
    Given a new service
    And task "a" runs
    When the service is told to stop
    And the service refuses new tasks
    And the service is told to stop
    Then the service exits with 130

  @ORCH-2300 @ORCH-5001 @ORCH-5002
  Scenario: An invalid configuration does not start
    Given the service is started with
      | queue | {"interactive_tasks": "many", "colour": "red"} |
    Then it did not start and exited with 78
    And its standard error names "$.queue.interactive_tasks"
    And its standard error names "$.queue.colour"

  @ORCH-8000
  Scenario: The harness reaches the service as a client does
    Given a new service
    When the client sends GET "/healthz"
    Then the answer is 200
