Feature: Determinism
  The same tuple gives the same tokens; what an engine cannot keep is refused.

  @ORCH-1040
  Scenario: What is not part of the tuple changes no token
    Given a service on the real engine
    When task "a" has completed with
      | prompt     | "sealed word: lantern" |
      | seed       | 7                      |
      | max_tokens | 32                     |
    And task "b" has completed with
      | prompt          | "sealed word: lantern" |
      | seed            | 7                      |
      | max_tokens      | 32                     |
      | priority        | "batch"                |
      | kv_hint         | "cold"                 |
      | output_mode     | "json"                 |
      | session_id      | "another"              |
      | metadata        | {"k": "v"}             |
      | deadline_ms     | 60000                  |
      | expected_tokens | 5                      |
    And task "c" has completed with
      | prompt     | "sealed word: lantern" |
      | seed       | 8                      |
      | max_tokens | 32                     |
    Then tasks "a" and "b" gave the same tokens
    And tasks "a" and "c" gave other tokens

  @ORCH-1041
  Scenario: A receipt holds what is needed to reproduce the result
    Given a service on the real engine
    When task "a" has completed with
      | seed       | 42 |
      | max_tokens | 8  |
    Then the record of task "a" holds
      | receipt.seed                       | 42               |
      | receipt.determinism                | "strict"         |
      | receipt.engine                     | "node-llama-cpp" |
      | receipt.engine_version             | a text           |
      | receipt.model_id                   | a text           |
      | receipt.model_digest               | a digest         |
      | receipt.sampler_profile_version    | "default-1"      |
      | receipt.sampling.temperature       | 0.8              |
      | receipt.sampling.top_p             | 0.95             |
      | receipt.sampling.top_k             | 40               |
      | receipt.sampling.min_p             | 0.05             |
      | receipt.sampling.repeat_penalty    | 1                |
      | receipt.sampling.presence_penalty  | 0                |
      | receipt.sampling.frequency_penalty | 0                |
      | receipt.sampling.stop              | []               |
      | receipt.max_tokens                 | a positive count |
      | receipt.prompt_sha256              | a sha256         |
      | receipt.output_sha256              | a sha256         |
      | receipt.tokens_in                  | a positive count |
      | receipt.tokens_out                 | a positive count |
      | receipt.slot_mode                  | a text           |
      | receipt.prefix_reuse               | present          |
      | receipt.replica_id                 | a text           |
      | receipt.attempt                    | 1                |

  @ORCH-1041
  Scenario: A digest nobody can tell is left out
    Given a service
    When task "a" has completed
    Then the record of task "a" holds
      | receipt.engine       | "llamacpp" |
      | receipt.model_digest | absent     |

  @ORCH-1042
  Scenario: A pool that cannot keep strict refuses it
    Given a service with 4 slots
    When task "a" is submitted with
      | determinism | "strict" |
    Then the answer is 400 INVALID_PARAMS
    And the answer holds
      | details.field | "$.determinism" |
    And task "a" never reached the engine

  @ORCH-1043
  Scenario Outline: A replica that differs is refused into the set
    Given a new service whose second engine says
      | <field> | <value> |
    Then one replica of pool "main" is refused with a reason
    When 4 tasks have completed
    Then the engines that were refused got nothing

    Examples:
      | field | value      |
      | build | "b1-other" |
