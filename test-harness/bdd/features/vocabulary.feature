Feature: Vocabulary
  Codes and metrics are closed lists; prompts and secrets are in none of them.

  @ORCH-1050 @ORCH-2041
  Scenario: Every refusal is a row of the table
    Given a new service with
      | queue.interactive_tasks | 1 |
    When the client sends GET "/no/such/route"
    Then the answer is 404 NOT_FOUND
    When the client sends DELETE "/v1/tasks"
    Then the answer is 405 METHOD_NOT_ALLOWED
    When the client sends POST "/v1/tasks" with
      """
      not json
      """
    Then the answer is 400 INVALID_PARAMS
    When the client sends GET "/v1/tasks" with headers
      | host | evil.example |
    Then the answer is 403 FOREIGN_ORIGIN
    When task "a" runs with
      | determinism | "best_effort" |
    And task "b" waits
    And task "c" is submitted
    Then the answer is 429 ADMISSION_REJECT
    When reader "r" follows task "a"
    And the engine writes 1 token for task "a"
    And reader "r" has 1 token
    And the engine crashes in task "a"
    And reader "r" is at the end
    Then reader "r" ends with error WORKER_RESET
    And the error frame of reader "r" is a row of the table

  @ORCH-1051
  Scenario: Every series is in the contract, and nothing a client sends becomes a label
    Given a new service
    When task "a" has completed with
      | session_id | "client-session" |
    And task "b" is submitted with
      | pool_id | "client-pool" |
    Then every series of the scrape is in the contract with its labels
    And the scrape shows nothing a client sent

  @ORCH-1052
  Scenario: Prompts and tokens stay sealed at every log level
    Given a service in memory that needs a token
    When "events" watches the events
    And task "a" runs with
      | determinism | "best_effort" |
    And reader "r" follows task "a"
    And the engine writes 3 tokens for task "a"
    And reader "r" has 3 tokens
    And the engine crashes in task "a"
    And "events" has seen task "a" failed
    And task "b" has completed
    And the client sends POST "/v1/tasks" with
      """
      {"prompt": "sealed", "temperature": "sealed"}
      """
    And the client sends GET "/v1/tasks" with headers
      | authorization | Bearer sealed-and-wrong-token |
    Then the answer is 403 BAD_TOKEN
    And the log and every answer keep the prompts and tokens sealed
    And the events of "events" show no text of a task
    And the scrape shows nothing a client sent
