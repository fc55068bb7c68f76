Feature: Truth about time
  A task is told when it will start, how likely that is in time, and what it waits for, before it is submitted and after.

  @ORCH-1271 @ORCH-1272
  Scenario: A waiting task with a deadline is told its chance
    Given a new service with
      | stream.live_interval_ms | 20 |
    When 3 tasks have completed
    And task "a" runs
    And task "b" waits with
      | deadline_ms | 60000 |
    And reader "r" follows task "b"
    And reader "r" has the metrics frame
    Then every metrics frame of reader "r" holds
      | state               | "queued"   |
      | queue_position      | 0          |
      | queue_depth         | 1          |
      | predicted_start_ms  | a duration |
      | on_time_probability | a chance   |
      | waiting_for         | "slot"     |
    And the record of task "b" holds
      | on_time_probability | a chance |

  @ORCH-1271 @ORCH-1270
  Scenario: A chance that nobody can know is left out
    Given a new service
    And task "a" runs
    And task "b" waits with
      | deadline_ms | 60000 |
    Then the record of task "b" holds
      | predicted_start_ms  | absent |
      | on_time_probability | absent |

  @ORCH-1273
  Scenario: A deadline against the odds is refused with the odds
    Given a new service on the mock engine with
      | pools.0.slots | 1 |
    When task "x" has completed with
      | prompt | "[[mock tokens=1 start_ms=200]]" |
    And task "y" has completed with
      | prompt | "[[mock tokens=1 start_ms=200]]" |
    And task "z" has completed with
      | prompt | "[[mock tokens=1 start_ms=200]]" |
    And mock task "a" runs with "tokens=9000 delay_ms=20"
    And task "b" waits with
      | prompt | "[[mock tokens=1 start_ms=200]]" |
    And task "late" is submitted with
      | deadline_ms | 20 |
    Then the answer is 422 DEADLINE_UNMET
    And the answer holds
      | details.field               | "$.deadline_ms" |
      | details.predicted_start_ms  | a duration      |
      | details.on_time_probability | a chance        |
    When task "patient" is submitted with
      | deadline_ms | 60000 |
    Then the answer is 202

  @ORCH-1280 @ORCH-2106
  Scenario: A dry run names the place of a task that would start now, and stores nothing
    Given a service
    When task "p" is planned
    Then the answer is 200
    And the answer holds
      | admitted             | true             |
      | reason               | a text           |
      | pool_id              | present          |
      | pool_reason          | "only_fit"       |
      | queue_position       | 0                |
      | predicted_start_ms   | 0                |
      | placement.replica_id | a text           |
      | placement.reason     | "only_candidate" |
      | waiting_for          | absent           |
      | problem              | absent           |
    When the client reads task "p"
    Then the answer is 404 NOT_FOUND
    And task "p" never reached the engine

  @ORCH-1280 @ORCH-2106
  Scenario: A dry run tells place, start and chance of a task that would wait
    Given a new service
    When 3 tasks have completed
    And task "a" runs
    And task "b" waits
    And task "p" is planned with
      | deadline_ms | 60000 |
    Then the answer is 200
    And the answer holds
      | admitted                | true            |
      | queue_position          | 1               |
      | predicted_start_ms      | a duration      |
      | on_time_probability     | a chance        |
      | backoff_ms              | 0               |
      | waiting_for.reason      | "earlier_tasks" |
      | waiting_for.tasks_ahead | 1               |
      | waiting_for.slots       | 1               |
      | placement               | absent          |

  @ORCH-1280 @ORCH-2106
  Scenario: A dry run of a task that would be refused tells the refusal and its limit
    Given a service with
      | queue.interactive_tasks | 1 |
    And task "a" runs
    And task "b" waits
    When task "p" is planned
    Then the answer is 200
    And the answer holds
      | admitted               | false              |
      | reason                 | a text             |
      | problem.code           | "ADMISSION_REJECT" |
      | problem.policy_label   | "reject"           |
      | problem.details.limit  | 1                  |
      | problem.retry_after_ms | a duration         |
      | problem.correlation_id | a text             |

  @ORCH-2106
  Scenario: A dry run checks the body as a submit does
    Given a service
    When task "p" is planned with
      | max_tokens | 0 |
    Then the answer is 400 INVALID_PARAMS
    And the answer holds
      | details.field | "$.max_tokens" |

  @ORCH-1281
  Scenario: A waiting task says what it waits for, and what would cure it
    Given a service
    And task "a" runs
    And task "b" waits
    And task "c" waits
    Then the record of task "b" holds
      | waiting_for.reason      | "slot" |
      | waiting_for.message     | a text |
      | waiting_for.cure        | a text |
      | waiting_for.tasks_ahead | 0      |
      | waiting_for.slots       | 1      |
      | waiting_for.slots_busy  | 1      |
    And the record of task "c" holds
      | waiting_for.reason      | "earlier_tasks" |
      | waiting_for.tasks_ahead | 1               |
    And the record of task "a" holds
      | waiting_for | absent |

  @ORCH-1281 @ORCH-1270
  Scenario: A turn waits for the turn before it, though a slot is free
    Given a service with 2 slots
    And task "a" runs with
      | session_id | "two-turns" |
    And task "b" waits with
      | session_id | "two-turns" |
    Then the record of task "b" holds
      | waiting_for.reason | "session_turn" |
      | waiting_for.slots  | 2              |
      | predicted_start_ms | absent         |

  @ORCH-1281
  Scenario: A task waits for its model
    Given a new service whose engine is loading
    And task "a" waits
    Then the record of task "a" holds
      | waiting_for.reason | "model_load" |
