Feature: Stream
  One started frame, tokens in order, one terminal frame; the same bytes for every reader, wherever it resumes.

  @ORCH-1020 @ORCH-1021 @ORCH-2130 @ORCH-2136
  Scenario: A stream is started, tokens, one terminal frame
    Given a service
    And task "a" runs
    When reader "r" follows task "a"
    And the engine writes 5 tokens for task "a"
    And reader "r" has 5 tokens
    And the engine finishes task "a"
    And reader "r" is at the end
    Then reader "r" got a whole stream of task "a"
    And reader "r" got exactly 5 tokens
    And reader "r" ends with end stop
    And the started frame of reader "r" holds
      | task_id        | a uuid  |
      | job_id         | a uuid  |
      | pool_id        | "main"  |
      | queue_position | 0       |
      | seed           | a count |

  @ORCH-1020
  Scenario: Characters of every width pass unharmed
    Given a service
    And task "a" runs
    When reader "r" follows task "a"
    And the engine writes "é" for task "a"
    And the engine writes "日本" for task "a"
    And the engine writes "🦙\n\ndata: x" for task "a"
    And the engine finishes task "a"
    And reader "r" is at the end
    Then reader "r" got a whole stream of task "a"
    And stream, record and receipt of task "a" agree in reader "r"

  @ORCH-1022 @ORCH-2134
  Scenario: A reader resumes after any frame of a task that has ended
    Given a service
    And task "a" runs
    When reader "r" follows task "a"
    And the engine writes 6 tokens for task "a"
    And the engine finishes task "a"
    And reader "r" is at the end
    Then a resume after every frame of reader "r" gives the rest of task "a"

  @ORCH-1022
  Scenario: A reader that is cut twice sees one unbroken stream
    Given a service
    And task "a" runs
    When reader "whole" follows task "a"
    And reader "cut" follows task "a"
    And the engine writes 2 tokens for task "a"
    And reader "cut" has 2 tokens
    And reader "cut" leaves
    And reader "cut again" resumes task "a" after frame 2
    And reader "cut again" leaves
    And reader "rest" resumes task "a" after frame 2
    And the engine writes 2 tokens at once for task "a"
    And the engine finishes task "a"
    And reader "rest" is at the end
    And reader "whole" is at the end
    Then readers "cut" and "rest" together got what reader "whole" got

  @ORCH-1022
  Scenario: A reader resumes while its task still waits
    Given a service
    And task "a" runs
    And task "b" waits
    When reader "r" resumes task "b" after frame 0
    And the engine finishes task "a"
    And the engine writes 1 token for task "b"
    And the engine finishes task "b"
    And reader "r" is at the end
    Then reader "r" got exactly 1 token
    And reader "r" ends with end stop

  @ORCH-1023
  Scenario Outline: An id that cannot be continued is refused
    Given a service
    And task "a" runs
    And the engine writes 1 token for task "a"
    When reader "r" resumes task "a" after id "<id>"
    Then reader "r" is refused <status> <code>

    Examples:
      | id           | status | code           |
      | 17           | 400    | INVALID_PARAMS |
      | zzzzzzzz:1   | 400    | INVALID_PARAMS |
      | 1a2b3c4d:-1  | 400    | INVALID_PARAMS |
      | 1a2b3c4d:1.5 | 400    | INVALID_PARAMS |
      | 1a2b3c4d:1:2 | 400    | INVALID_PARAMS |

  @ORCH-1023
  Scenario: An id of another job shows nothing of either
    Given a service with 2 slots
    And task "a" runs
    And task "b" runs
    And the engine writes 2 tokens for task "b"
    When reader "r" resumes task "a" with the id of frame 1 of task "b"
    Then reader "r" is refused 409 TASK_CONFLICT

  @ORCH-1023
  Scenario: An id beyond the stream is refused
    Given a service
    And task "a" runs
    When reader "r" resumes task "a" after frame 99
    Then reader "r" is refused 409 TASK_CONFLICT

  @ORCH-1023
  Scenario: A frame that is no longer held is a gap, never silence
    Given a service with
      | stream.buffer_bytes | 1024 |
    And task "a" runs
    When reader "watch" follows task "a"
    And the engine writes 8 tokens of 100 bytes for task "a"
    And reader "watch" has 8 tokens
    And the engine writes 8 tokens of 100 bytes for task "a"
    And reader "watch" has 16 tokens
    And the engine writes 8 tokens of 100 bytes for task "a"
    And reader "watch" has 24 tokens
    And reader "r" resumes task "a" after frame 1
    Then reader "r" is refused 410 STREAM_GAP
    When reader "late" follows task "a" until it is over
    Then reader "late" fell into a gap

  @ORCH-1024 @ORCH-2139
  Scenario: Readers that join at any time get the same bytes
    Given a service
    And task "a" runs
    When reader "early" follows task "a"
    And the engine writes 3 tokens for task "a"
    And reader "early" has 3 tokens
    And reader "middle" follows task "a"
    And reader "gone" follows task "a"
    And reader "gone" leaves
    And the engine writes 3 tokens for task "a"
    And the engine finishes task "a"
    And reader "early" is at the end
    And reader "middle" is at the end
    And reader "late" follows task "a"
    And reader "late" is at the end
    Then readers "early" and "middle" got the same bytes
    And readers "early" and "late" got the same bytes
    And reader "early" got a whole stream of task "a"

  @ORCH-1024 @ORCH-2132 @ORCH-2133
  Scenario: A reader that stops reading loses its connection and nothing else
    Given a service with
      | stream.client_buffer_bytes | 1024     |
      | stream.drain_timeout_ms    | 2000     |
      | stream.buffer_bytes        | 67108864 |
      | pools.0.max_tokens_out     | 100000   |
    And task "a" runs
    When reader "slow" follows task "a" without reading
    And reader "quick" follows task "a"
    And the engine writes 400 tokens of 60000 bytes for task "a"
    And reader "quick" has 400 tokens
    And the slow connection of reader "slow" is dropped
    And the engine writes 1 token for task "a"
    And the engine finishes task "a"
    And reader "quick" is at the end
    Then reader "quick" got a whole stream of task "a"
    And reader "quick" ends with end stop

  @ORCH-1025 @ORCH-2135
  Scenario: A waiting stream is kept alive by comments
    Given a service with
      | stream.heartbeat_ms | 20 |
    And task "a" runs
    And task "b" waits
    When reader "r" follows task "b"
    And reader "r" has 3 comments
    Then reader "r" got exactly 0 tokens

  @ORCH-1025
  Scenario: Live figures tell the way to the front and are never replayed
    Given a service
    And task "a" runs
    And task "b" waits
    And task "c" waits
    When reader "live" follows task "c"
    And the engine finishes task "a"
    And task "b" reaches the engine
    And the engine finishes task "b"
    And the engine writes 1 token for task "c"
    And the engine finishes task "c"
    And reader "live" is at the end
    And reader "late" follows task "c"
    And reader "late" is at the end
    Then reader "live" got a whole stream of task "c"
    And every metrics frame of reader "live" holds
      | state          | present |
      | queue_position | a count |
    And reader "late" got no metrics frame
    And readers "live" and "late" got the same bytes

  @ORCH-1026
  Scenario: Stream, record and receipt agree on the scripted engine
    Given a service
    When task "a" has completed
    And reader "r" follows task "a"
    And reader "r" is at the end
    Then stream, record and receipt of task "a" agree in reader "r"

  @ORCH-1026
  Scenario: Stream, record and receipt agree on the real engine
    Given a service on the real engine
    When task "a" has completed with
      | max_tokens | 24 |
    And reader "r" follows task "a"
    And reader "r" is at the end
    Then stream, record and receipt of task "a" agree in reader "r"

  @ORCH-1027
  Scenario: An engine that dies in mid-stream ends the stream of a task that cannot be repeated with one error
    Given a new service
    And task "a" runs with
      | determinism | "best_effort" |
    When reader "r" follows task "a"
    And the engine writes 3 tokens for task "a"
    And reader "r" has 3 tokens
    And the engine crashes in task "a"
    And reader "r" is at the end
    Then reader "r" ends with error WORKER_RESET
    And reader "r" got exactly 3 tokens
    And reader "r" got a whole stream of task "a"
    And task "a" is now failed
    And the engine got 1 generation of task "a"
    When task "b" has completed
    Then task "b" is now completed

  @ORCH-1027 @ORCH-1234
  Scenario Outline: An engine that dies in mid-stream and comes back goes on where readers are
    Given a new service with
      | store.backend | "<backend>" |
    And task "a" runs
    When reader "r" follows task "a"
    And the engine writes 3 tokens for task "a"
    And reader "r" has 3 tokens
    And the engine crashes in task "a"
    And the engine gets task "a" again
    And the engine writes 5 tokens for task "a"
    And the engine finishes task "a"
    And reader "r" is at the end
    Then reader "r" ends with end stop
    And reader "r" got exactly 5 tokens
    And reader "r" got a whole stream of task "a"
    And the record of task "a" holds
      | receipt.attempt | 2 |

    Examples:
      | backend |
      | sqlite  |
      | memory  |

  @ORCH-1027
  Scenario: An engine that writes nonsense ends the stream of a task that cannot be repeated with one error
    Given a new service
    And task "a" runs with
      | determinism | "best_effort" |
    When reader "r" follows task "a"
    And the engine writes 1 token for task "a"
    And the engine writes nonsense for task "a"
    And reader "r" is at the end
    Then reader "r" ends with error WORKER_RESET
    And reader "r" got a whole stream of task "a"
