Feature: Sessions
  Turns of one conversation, bounded in number and forgotten on request.

  @ORCH-2160 @ORCH-2161
  Scenario: A session is shown with what is left of it
    Given a new service with
      | sessions.max_turns | 2 |
    When task "a" has completed with
      | session_id | "talk" |
    And the client sends GET "/v1/sessions/talk"
    Then the answer holds
      | session_id       | "talk"     |
      | turns            | 1          |
      | ttl_ms_remaining | a duration |
      | kv_warmth        | present    |
    When the client sends GET "/v1/sessions"
    Then the answer holds
      | sessions.0.session_id | "talk" |
      | sessions.1            | absent |

  @ORCH-2161
  Scenario: A session has as many turns as it was given
    Given a new service with
      | sessions.max_turns | 2 |
    When task "a" has completed with
      | session_id | "talk" |
    And task "b" has completed with
      | session_id | "talk" |
    And task "c" is submitted with
      | session_id | "talk" |
    Then the answer is 409 SESSION_LIMIT
    And task "c" never reached the engine

  @ORCH-2162
  Scenario: A session can be forgotten
    Given a service
    When task "a" has completed with
      | session_id | "talk" |
    And the client sends DELETE "/v1/sessions/talk"
    Then the answer is 204
    When the client sends DELETE "/v1/sessions/talk"
    Then the answer is 404 NOT_FOUND
    When the client sends GET "/v1/sessions/talk"
    Then the answer is 404 NOT_FOUND
    And task "a" is now completed

  @ORCH-1301 @ORCH-1281
  Scenario: Parallel turns run one after another, and others pass those that wait
    Given a new service with 2 slots
    And task "first" runs with
      | session_id | "talk" |
    And task "second" waits with
      | session_id | "talk" |
    And task "other" runs
    Then the record of task "second" holds
      | state              | "queued"       |
      | waiting_for.reason | "session_turn" |
    And task "second" never reached the engine
    When the engine finishes task "other"
    And the engine finishes task "first"
    Then task "second" reaches the engine
    And the engine started task "other" before task "second"

  @ORCH-1301
  Scenario: A turn that is canceled lets the next one through
    Given a new service with 2 slots
    And task "first" runs with
      | session_id | "talk" |
    And task "second" waits with
      | session_id | "talk" |
    And task "third" waits with
      | session_id | "talk" |
    When task "second" is canceled
    And task "first" is canceled
    Then task "third" reaches the engine
    And task "second" never reached the engine

  @ORCH-1303
  Scenario: The tasks of a forgotten session go on, one after another
    Given a new service with 2 slots
    And task "first" runs with
      | session_id | "talk" |
    And task "second" waits with
      | session_id | "talk" |
    When the client sends DELETE "/v1/sessions/talk"
    Then the answer is 204
    And task "second" never reached the engine
    When the engine finishes task "first"
    Then task "second" reaches the engine

  @ORCH-1303 @ORCH-7012
  Scenario: A session tells what the engine holds of it
    Given a service on the real engine
    When task "strict" has completed with
      | session_id  | "kept"   |
      | determinism | "strict" |
    And the client sends GET "/v1/sessions/kept"
    Then the answer holds
      | kv_warmth | false  |
      | kv_bytes  | absent |
    When task "loose" has completed with
      | session_id  | "kept"        |
      | determinism | "best_effort" |
    And the client sends GET "/v1/sessions/kept"
    Then the answer holds
      | kv_warmth | true             |
      | kv_bytes  | a positive count |
      | turns     | 2                |

  @ORCH-1320
  Scenario: An unknown sampler profile is refused with those that are known
    Given a service
    When task "a" is submitted with
      | sampler_profile_version | "none-1" |
    Then the answer is 400 INVALID_PARAMS
    And the answer holds
      | details.field   | "$.sampler_profile_version" |
      | details.known.0 | "default-1"                 |

  @ORCH-1320
  Scenario: A receipt names the sampler profile and the digest of its content
    Given a service
    When task "a" has completed
    Then the record of task "a" holds
      | receipt.sampler_profile_version | "default-1" |
      | receipt.sampler_profile_digest  | a digest    |
