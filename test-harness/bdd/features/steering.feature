Feature: Steering
  Who waits may be moved, and a pool may be told to start nothing for a while.

  @ORCH-1282
  Scenario: A waiting task is moved behind the others of its new priority
    Given a service
    And task "a" runs
    And task "b" waits
    And task "c" waits
    When task "b" is moved to "batch"
    Then the answer is 200
    And task "b" is at position 1
    And task "c" is at position 0
    When task "a" is moved to "batch"
    Then the answer is 409 TASK_CONFLICT
    When the engine finishes task "a"
    And the engine finishes task "c"
    And the engine finishes task "b"
    And reader "r" follows task "b"
    And reader "r" is at the end
    Then the engine started task "c" before task "b"

  @ORCH-1283
  Scenario: A paused pool takes tasks and starts none
    Given a new service
    And task "a" runs
    When the client sends POST "/v1/pools/main/pause"
    Then the answer is 200
    When task "b" is submitted
    And the engine finishes task "a"
    And reader "r" follows task "a"
    And reader "r" is at the end
    Then task "b" is now queued
    And the record of task "b" holds
      | waiting_for.reason | "pool_paused" |
    And queue_paused is 1
    When the client sends POST "/v1/pools/main/resume"
    Then task "b" reaches the engine
    And queue_paused is 0
    When the engine finishes task "b"
    And reader "s" follows task "b"
    And reader "s" is at the end
    Then reader "s" ends with end stop
