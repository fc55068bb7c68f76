Feature: Watchdog
  An engine that takes too long loses its job, and one that does not let go of it loses its life.

  @ORCH-1290 @ORCH-1041
  Scenario: A job that goes silent ends with DECODE_TIMEOUT and its slot serves the next
    Given a new service with
      | watchdog.idle_ms | 200 |
    And task "a" runs
    And task "b" waits
    When reader "r" follows task "a"
    And the engine writes 3 tokens for task "a"
    And reader "r" is at the end
    Then reader "r" ends with error DECODE_TIMEOUT
    And reader "r" got exactly 3 tokens
    And task "a" is now failed
    And task "b" reaches the engine
    And the engine has 1 slot busy
    And watchdog_aborts_total with limit "idle" is 1
    When the engine finishes task "b"
    And reader "s" follows task "b"
    And reader "s" is at the end
    Then reader "s" ends with end stop

  @ORCH-1290
  Scenario: A first token may take longer than a further one, but not for ever
    Given a new service with
      | watchdog.idle_ms        | 100 |
      | watchdog.first_token_ms | 400 |
    And task "a" runs
    When reader "r" follows task "a"
    And reader "r" is at the end
    Then reader "r" ends with error DECODE_TIMEOUT
    And watchdog_aborts_total with limit "first_token" is 1
    And watchdog_aborts_total with limit "idle" is 0

  @ORCH-1290
  Scenario: A job that never ends is stopped by the wall limit of its pool
    Given a new service on the mock engine with
      | watchdog.wall_ms          | 60000 |
      | pools.0.watchdog.wall_ms  | 300   |
    When mock task "a" runs with "tokens=10000 delay_ms=5"
    And reader "r" follows task "a"
    And reader "r" is at the end
    Then reader "r" ends with error DECODE_TIMEOUT
    And watchdog_aborts_total with limit "wall" is 1

  @ORCH-1291
  Scenario: An engine of our own that ignores the abort is restarted
    Given a new service on the mock engine with
      | watchdog.idle_ms        | 200 |
      | watchdog.abort_grace_ms | 100 |
    When mock task "a" runs with "tokens=10000 delay_ms=5 fault=ignore_abort"
    And task "a" is canceled
    Then task "a" is now canceled
    And engine_restarts_total is 1
    And slots_busy is 0
    When task "b" has completed
    Then task "b" is now completed

  @ORCH-1291 @ORCH-1032
  Scenario: An engine that is not ours and ignores the abort gets no job until it is ready again
    Given a new service with
      | watchdog.idle_ms        | 200 |
      | watchdog.abort_grace_ms | 100 |
    And task "a" runs
    And the engine keeps slots of aborted work
    And the engine loads its model again
    When reader "r" follows task "a"
    And the engine writes 1 token for task "a"
    And reader "r" is at the end
    Then reader "r" ends with error DECODE_TIMEOUT
    And the engine has 1 slot busy
    When task "b" is submitted
    And the engine gives the slot of task "a" back
    Then the engine was asked for nothing while it loaded
    When the engine has loaded its model
    Then task "b" reaches the engine
    And engine_restarts_total is 0
    When the engine finishes task "b"
    And reader "s" follows task "b"
    And reader "s" is at the end
    Then reader "s" ends with end stop
