Feature: Place and time
  A waiting task knows how many start before it, and when, where that is known.

  @ORCH-1010
  Scenario: The position counts the tasks that start before
    Given a service
    And task "a" runs
    And task "b" waits
    And task "c" waits
    Then task "b" is told position 0
    And task "c" is told position 1
    When the engine finishes task "a"
    Then task "b" reaches the engine
    And task "c" is at position 0
    When the engine finishes task "b"
    Then task "c" reaches the engine
    And the engine started task "b" before task "c"

  @ORCH-1010
  Scenario: An interactive task goes before a batch task that came first
    Given a service
    And task "a" runs
    And task "batch" waits with
      | priority | "batch" |
    And task "interactive" waits
    Then task "interactive" is told position 0
    And task "batch" is at position 1
    When the engine finishes task "a"
    Then task "interactive" reaches the engine
    When the engine finishes task "interactive"
    Then task "batch" reaches the engine
    And the engine started task "interactive" before task "batch"

  @ORCH-1010
  Scenario: A canceled task makes room in the line
    Given a service
    And task "a" runs
    And task "b" waits
    And task "c" waits
    When task "b" is canceled
    Then task "c" is at position 0

  @ORCH-1011
  Scenario: A start nobody can know is left out
    Given a new service
    And task "a" runs
    When task "b" is submitted
    Then the answer holds
      | queue_position     | 0      |
      | predicted_start_ms | absent |
    When reader "r" follows task "b"
    And reader "r" has the started frame
    Then the started frame of reader "r" holds
      | queue_position     | 0      |
      | predicted_start_ms | absent |
    And the record of task "b" holds
      | predicted_start_ms | absent |

  @ORCH-1011
  Scenario: Three measured jobs make a start predictable
    Given a new service
    When 3 tasks have completed
    And task "a" is submitted
    And task "b" is submitted
    Then the answer holds
      | state              | "queued"   |
      | predicted_start_ms | a duration |
    And the record of task "b" holds
      | predicted_start_ms | a duration |

  @ORCH-1012
  Scenario: A task that waits past its deadline fails and never runs
    Given a service with
      | queue.on_time_floor | 0 |
    And task "a" runs
    When task "b" is submitted with
      | deadline_ms | 40 |
    And reader "r" follows task "b"
    And reader "r" is at the end
    Then reader "r" ends with error DEADLINE_UNMET
    And reader "r" got a whole stream of task "b"
    And task "b" is now failed
    When the engine finishes task "a"
    And task "c" has completed
    Then task "b" never reached the engine

  @ORCH-1012
  Scenario: A job that started in time is not stopped by its deadline
    Given a service
    And task "a" runs with
      | deadline_ms | 2000 |
    When task "later" is submitted with
      | deadline_ms | 2000 |
    And reader "r" follows task "later"
    And reader "r" is at the end
    Then reader "r" ends with error DEADLINE_UNMET
    When the engine writes 1 token for task "a"
    And the engine finishes task "a"
    And reader "all" follows task "a"
    And reader "all" is at the end
    Then reader "all" ends with end stop
