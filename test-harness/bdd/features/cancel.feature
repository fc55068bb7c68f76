Feature: Cancel
  Answered 204 in every phase; from then on every reader is silent and the slot is free.

  @ORCH-1030 @ORCH-2150
  Scenario: A waiting task is canceled
    Given a service
    And task "a" runs
    And task "b" waits
    When reader "r" follows task "b"
    And task "b" is canceled
    And reader "r" is at the end
    Then reader "r" ends with end canceled
    And reader "r" got a whole stream of task "b"
    And task "b" is now canceled
    And task "b" never reached the engine

  @ORCH-1030
  Scenario: A task that waits for its model to load is canceled
    Given a new service whose engine is loading
    And task "a" waits
    When reader "r" follows task "a"
    And task "a" is canceled
    And reader "r" is at the end
    Then reader "r" ends with end canceled
    When the engine has loaded its model
    And task "b" is submitted
    Then task "b" reaches the engine
    And task "a" never reached the engine
    When the engine finishes task "b"
    And reader "s" follows task "b"
    And reader "s" is at the end
    Then reader "s" ends with end stop

  @ORCH-1030 @ORCH-1032
  Scenario: A task in prefill is canceled
    Given a service
    And task "a" runs
    When task "a" is canceled
    Then the engine has 0 slots busy
    And task "a" is now canceled
    When task "b" is submitted
    Then task "b" reaches the engine

  @ORCH-1030 @ORCH-1031 @ORCH-1032 @ORCH-2151
  Scenario: A task in decode is canceled
    Given a service
    And task "a" runs
    When reader "early" follows task "a"
    And the engine writes 4 tokens for task "a"
    And reader "early" has 4 tokens
    And task "a" is canceled
    Then the engine has 0 slots busy
    When the engine goes on writing task "a"
    And reader "early" is at the end
    And reader "late" follows task "a"
    And reader "late" is at the end
    And reader "resumed" resumes task "a" after frame 2
    And reader "resumed" is at the end
    Then reader "early" ends with end canceled
    And the end frame of reader "early" holds
      | tokens_out | 4 |
    And reader "late" ends with end canceled
    And reader "late" got exactly 0 tokens
    And reader "resumed" ends with end canceled
    And reader "resumed" got exactly 0 tokens

  @ORCH-1030
  Scenario: A cancel may be repeated and never changes an end
    Given a service
    When task "a" has completed
    And task "a" is canceled
    Then task "a" is now completed
    When task "b" runs
    And task "b" has been canceled 10 times at once
    And task "b" is canceled
    Then task "b" is now canceled

  @ORCH-1030
  Scenario: An unknown task cannot be canceled
    Given a service
    When the client sends POST "/v1/tasks/3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1/cancel"
    Then the answer is 404 NOT_FOUND

  @ORCH-1031
  Scenario: An engine that goes on after the abort is not heard
    Given a service on the mock engine
    When mock task "a" runs with "tokens=10000 delay_ms=1 fault=late_tokens"
    And reader "r" follows task "a"
    And reader "r" has 3 tokens
    And task "a" is canceled
    And reader "r" is at the end
    Then reader "r" ends with end canceled
    And nothing more is written to reader "r" when a new task completes

  @ORCH-1032
  Scenario: An engine that keeps its slot gets no job until it is ready again
    Given a new service with
      | watchdog.abort_grace_ms | 100 |
    And task "a" runs
    And the engine keeps slots of aborted work
    When "events" watches the events
    And the engine loads its model again
    And task "a" is canceled
    Then task "a" is now canceled
    And the engine has 1 slot busy
    When "events" has seen a replica that is not ready
    And task "b" is submitted
    And the engine gives the slot of task "a" back
    Then the engine was asked for nothing while it loaded
    When the engine has loaded its model
    Then task "b" reaches the engine
    When the engine finishes task "b"
    And reader "r" follows task "b"
    And reader "r" is at the end
    Then reader "r" ends with end stop

  @ORCH-1033
  Scenario: A cancel and the last token decide one end
    Given a service
    When 200 tasks are canceled while they end

  @ORCH-1033
  Scenario: Every accepted task ends once
    Given a new service with
      | queue.interactive_tasks | 2          |
      | queue.full_policy       | "drop-lru" |
    When task "completed" has completed
    And task "a" runs
    And task "evicted" waits
    And task "failed" waits with
      | deadline_ms | 60 |
    And reader "f" follows task "failed"
    And reader "f" is at the end
    And task "b" waits
    And task "c" waits
    And task "a" is canceled
    And task "b" is canceled
    And task "c" is canceled
    Then tasks_enqueued_total is 6
    And tasks_ended_total is 6
    And tasks_ended_total with outcome "completed" is 1
    And tasks_ended_total with outcome "evicted" is 1
    And tasks_ended_total with outcome "failed" is 1
    And tasks_ended_total with outcome "canceled" is 3
