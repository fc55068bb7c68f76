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
