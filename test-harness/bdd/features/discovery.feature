Feature: Discovery
  What is there, what it can do and how it is.

  @ORCH-2200
  Scenario: Capabilities say what each pool can do
    Given a service on the real engine
    When the client sends GET "/v1/capabilities"
    Then the answer is 200
    And the answer holds
      | api_version            | "1"              |
      | pools.0.pool_id        | "main"           |
      | pools.0.engine         | "node-llama-cpp" |
      | pools.0.engine_version | a text           |
      | pools.0.model_digest   | a digest         |
      | pools.0.ctx_max        | a positive count |
      | pools.0.max_tokens_out | 64               |
      | pools.0.slots          | a positive count |
      | pools.0.workloads      | present          |

  @ORCH-2205
  Scenario: Pools are listed with their load
    Given a service
    And task "a" runs
    And task "b" waits
    When the client sends GET "/v1/pools"
    Then the answer holds
      | pools.0.pool_id                 | "main" |
      | pools.0.ready                   | true   |
      | pools.0.draining                | false  |
      | pools.0.slots                   | 1      |
      | pools.0.slots_busy              | 1      |
      | pools.0.queue_depth.interactive | 1      |
      | pools.0.queue_depth.batch       | 0      |

  @ORCH-2210
  Scenario: A pool's health names each replica
    Given a service
    When the client sends GET "/v1/pools/main/health"
    Then the answer holds
      | live               | true       |
      | replicas.0.state   | "ready"    |
      | replicas.0.engine  | "llamacpp" |
      | metrics.slots_busy | 0          |
    When the client sends GET "/v1/pools/other/health"
    Then the answer is 404 NOT_FOUND

  @ORCH-2230 @ORCH-2235
  Scenario: A loading engine is alive and not ready
    Given a new service whose engine is loading
    When the client sends GET "/healthz"
    Then the answer is 200
    When the client sends GET "/readyz"
    Then the answer is 503 POOL_UNREADY
    And the answer says when to come back
    When the engine has loaded its model
    And the client sends GET "/readyz"
    Then the answer is 200
    And the answer holds
      | ready | true |

  @ORCH-2245
  Scenario: The contract is served
    Given a service
    When the client sends GET "/openapi.json"
    Then the answer is 200
    And the answer holds
      | openapi | "3.1.0" |

  @ORCH-2220
  Scenario: What happens can be followed
    Given a new service
    When "events" watches the events
    And task "a" runs
    And the engine finishes task "a"
    And "events" has seen task "a" completed
    And task "b" is submitted with
      | pool_id | "no-such-pool" |
    And "events" has seen a refusal with POOL_UNAVAILABLE
    Then the events of "events" are numbered without a gap
    And the events of "events" show no text of a task
