Feature: Admission
  A submit is answered at once: accepted with a place in line, or refused with nothing stored.

  @ORCH-1000 @ORCH-2100
  Scenario: An accepted task is told its place
    Given a service
    When task "a" is submitted
    Then the answer is 202
    And the answer has the location of task "a"
    And the answer holds
      | task_id        | a uuid     |
      | job_id         | a uuid     |
      | pool_id        | "main"     |
      | queue_position | 0          |
      | backoff_ms     | a duration |
    And the record of task "a" holds
      | task_id | a uuid |
      | pool_id | "main" |

  @ORCH-1000 @ORCH-1011
  Scenario: A free slot makes the predicted start 0
    Given a service
    When task "a" is submitted
    Then the answer holds
      | predicted_start_ms | 0 |

  @ORCH-1002 @ORCH-2101
  Scenario Outline: Only the input is required
    Given a service on the mock engine
    When the client sends POST "/v1/tasks" with
      """
      <body>
      """
    Then the answer is 202
    And the record of the accepted task holds
      | workload    | "<workload>"  |
      | priority    | "interactive" |
      | determinism | "strict"      |

    Examples:
      | workload   | body                                                  |
      | completion | {"prompt": "sealed"}                                  |
      | chat       | {"messages": [{"role": "user", "content": "sealed"}]} |
      | embedding  | {"inputs": ["sealed", "sealed too"]}                  |

  @ORCH-1002
  Scenario: The contract states the defaults
    Given a service
    Then the contract states these defaults of a task
      | task_id                 | made by the server    |
      | seed                    | Drawn by the server   |
      | deadline_ms             | default none          |
      | priority                | Default `interactive` |
      | determinism             | Default `strict`      |
      | kv_hint                 | default `reuse`       |
      | output_mode             | Default `text`        |
      | sampler_profile_version | efault                |
      | max_tokens              | efault                |

  @ORCH-1003
  Scenario: A missing seed is drawn and reported
    Given a service with 2 slots
    When task "a" has completed
    And task "b" has completed
    And reader "r" follows task "a"
    And reader "r" is at the end
    Then tasks "a" and "b" have different seeds
    And task "a" has the same seed everywhere reader "r" sees it

  @ORCH-1004 @ORCH-2103
  Scenario: A hundred equal submits at once are one task
    Given a service
    When a new task is submitted 100 times at once
    Then all 100 answers are equal
    And the answer is 202
    And the engine got 1 generation of task "copy"

  @ORCH-1004
  Scenario: A repeated submit is answered as the first time, while it runs and after it ended
    Given a service
    And task "a" runs
    When task "a" is submitted again
    And the engine writes 2 tokens for task "a"
    And task "a" is submitted again with its keys in another order
    And the engine finishes task "a"
    And reader "r" follows task "a"
    And reader "r" is at the end
    And task "a" is submitted again
    Then all 4 answers are equal
    And reader "r" got a whole stream of task "a"
    And the engine got 1 generation of task "a"

  @ORCH-1005
  Scenario: A used task id is never run for another body
    Given a service
    And task "a" runs
    When task "a" is submitted again with
      | max_tokens | 7 |
    Then the answer is 409 TASK_CONFLICT
    And task "a" is now running
    And the engine got 1 generation of task "a"

  @ORCH-1005
  Scenario: The id of a task whose record is gone stays used
    Given a service with
      | store.backend | "memory" |
      | retention.ended_tasks | 1 |
    When task "a" has completed
    And task "b" has completed
    And task "c" has completed
    And the client reads task "a"
    Then the answer is 404 NOT_FOUND
    When task "a" is submitted again
    Then the answer is 409 TASK_CONFLICT
    And the engine got 1 generation of task "a"

  @ORCH-1001 @ORCH-1006 @ORCH-2104
  Scenario: A full queue refuses, says when to come back and keeps nothing
    Given a new service with
      | queue.interactive_tasks | 1 |
    And "events" watches the events
    And task "a" runs
    And task "b" waits
    When task "c" is submitted
    Then the answer is 429 ADMISSION_REJECT
    And the answer says when to come back
    And the answer holds
      | policy_label  | "reject" |
      | details.limit | 1        |
    And queue_depth is 1
    And tasks_enqueued_total is 2
    And tasks_rejected_total with reason "ADMISSION_REJECT" is 1
    And admission_backpressure_events_total with policy "reject" is 1
    And the client reads task "c"
    And the answer is 404 NOT_FOUND
    When the engine finishes task "a"
    And task "b" reaches the engine
    And task "c" is submitted again
    Then the answer is 202
    When "events" has seen task "c" queued
    Then "events" has seen a refusal with ADMISSION_REJECT

  @ORCH-1001
  Scenario: A refused turn leaves the session as it was
    Given a new service with
      | queue.interactive_tasks | 1 |
    And task "a" runs with
      | session_id | "s" |
    And task "b" waits
    When task "c" is submitted with
      | session_id | "s" |
    Then the answer is 429 ADMISSION_REJECT
    When the client sends GET "/v1/sessions/s"
    Then the answer holds
      | turns | 1 |

  @ORCH-1006
  Scenario: No ready replica is a 503
    Given a new service whose engine is down
    When task "a" is submitted
    Then the answer is 503 POOL_UNREADY
    And the answer says when to come back

  @ORCH-1000
  Scenario: A loading engine is waited for
    Given a new service whose engine is loading
    When task "a" is submitted
    Then the answer is 202
    And the answer holds
      | state              | "queued" |
      | predicted_start_ms | absent   |
    When the engine has loaded its model
    Then task "a" reaches the engine

  @ORCH-1006
  Scenario: A full queue evicts the oldest waiting task of the lowest priority
    Given a new service with
      | queue.interactive_tasks | 1          |
      | queue.batch_tasks       | 1          |
      | queue.full_policy       | "drop-lru" |
    And task "a" runs
    And task "b" waits
    And reader "r" follows task "b"
    When task "c" is submitted
    Then the answer is 202
    When reader "r" is at the end
    Then reader "r" ends with error QUEUE_FULL_DROP_LRU
    And reader "r" got a whole stream of task "b"
    And task "b" is now evicted
    And task "b" never reached the engine

  @ORCH-1007
  Scenario Outline: Bad input is named and changes nothing
    Given a service
    When the client sends POST "/v1/tasks" with
      """
      <body>
      """
    Then the answer is <status> <code>
    And the answer holds
      | details.field | "<field>" |
    And the answer does not show what was sent
    When task "next" has completed
    Then task "next" is now completed

    Examples:
      | status | code             | field              | body                                                    |
      | 400    | INVALID_PARAMS   | $.prompt           | {"prompt": 3}                                           |
      | 400    | INVALID_PARAMS   | $.colour           | {"prompt": "sealed", "colour": "red"}                   |
      | 400    | INVALID_PARAMS   | $.max_tokens       | {"prompt": "sealed", "max_tokens": 0}                   |
      | 400    | INVALID_PARAMS   | $.max_tokens       | {"prompt": "sealed", "max_tokens": 100000}              |
      | 400    | INVALID_PARAMS   | $.temperature      | {"prompt": "sealed", "temperature": -1}                 |
      | 400    | INVALID_PARAMS   | $.task_id          | {"prompt": "sealed", "task_id": "sealed"}               |
      | 400    | INVALID_PARAMS   | $.messages[0].role | {"messages": [{"role": "sealed", "content": "sealed"}]} |
      | 400    | INVALID_PARAMS   | $.prompt           | {"prompt": "sealed", "prompt": "twice"}                 |
      | 404    | POOL_UNAVAILABLE | $.pool_id          | {"prompt": "sealed", "pool_id": "no-such-pool"}         |
      | 404    | POOL_UNAVAILABLE | $.model_ref        | {"prompt": "sealed", "model_ref": "no-such-model"}      |

  @ORCH-1007
  Scenario: A parameter that is out of range is named
    Given a service
    When the client sends GET "/v1/tasks?limit=0"
    Then the answer is 400 INVALID_PARAMS
    And the answer holds
      | details.field | "query.limit" |

  @ORCH-1007
  Scenario: A body over the limit is refused with the limit
    Given a service with
      | limits.body_bytes | 1024 |
    When the client sends a prompt of 5000 bytes
    Then the answer is 413 PAYLOAD_TOO_LARGE
    And the answer holds
      | details.limit | 1024    |
      | details.unit  | "bytes" |
    When task "next" has completed
    Then task "next" is now completed
