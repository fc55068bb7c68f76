Feature: Who may call
  Loopback without a token, anything else only with one; never from a foreign page.

  @ORCH-2061
  Scenario: A token is needed where one is set
    Given a service in memory that needs a token
    When the client sends GET "/v1/capabilities" without its token
    Then the answer is 401 MISSING_TOKEN
    And the answer has header "www-authenticate" "Bearer"
    When the client sends GET "/v1/capabilities" with headers
      | authorization | Bearer a-token-of-somebody-else |
    Then the answer is 403 BAD_TOKEN
    When the client sends GET "/v1/capabilities"
    Then the answer is 200
    When the client sends GET "/healthz" without its token
    Then the answer is 200

  @ORCH-2064
  Scenario: Without a token nobody learns what exists
    Given a service in memory that needs a token
    When the client sends GET "/no/such/route" without its token
    Then the answer is 401 MISSING_TOKEN
    When the client sends DELETE "/v1/tasks" without its token
    Then the answer is 401 MISSING_TOKEN

  @ORCH-2063
  Scenario Outline: A foreign page cannot drive the service
    Given a service
    When the client sends GET "/v1/tasks" with headers
      | <header> | <value> |
    Then the answer is 403 FOREIGN_ORIGIN
    And the answer has no header "access-control-allow-origin"

    Examples:
      | header         | value                |
      | host           | evil.example         |
      | host           | 10.0.0.7:8080        |
      | origin         | https://evil.example |
      | origin         | null                 |
      | sec-fetch-site | cross-site           |

  @ORCH-2060 @ORCH-5023
  Scenario: An address beyond loopback without a token does not start
    Given the service is started with
      | listen | {"host": "0.0.0.0"} |
    Then it did not start and exited with 78
    And its standard error names "$.listen.host"

  @ORCH-5024
  Scenario: A token too short to be one does not start and is not shown
    Given the service is started with
      | env | {"LLORCH_API_TOKEN": "hunter2"} |
    Then it did not start and exited with 78
    And its standard error does not show "hunter2"

  @ORCH-2065
  Scenario: A key file that cannot be used keeps the service from starting
    Given the service is started with
      | listen | {"host": "0.0.0.0", "port": 0}     |
      | auth   | {"key_file": "/no/such/keys.yaml"} |
    Then it did not start and exited with 78
    And its standard error names "/no/such/keys.yaml"
    And its standard error names "ENOENT"
