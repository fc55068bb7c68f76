Feature: Disconnect
  What the leaving of its readers means for a task is for the task to say.

  @ORCH-1242 @ORCH-2140
  Scenario: A task that asks for it leaves with its last reader
    Given a service
    And task "a" runs with
      | on_disconnect | "cancel" |
    And "events" watches the events
    When reader "r" follows task "a"
    And reader "s" follows task "a"
    And the engine writes 1 token for task "a"
    And reader "r" has 1 token
    And reader "s" has 1 token
    And reader "r" leaves
    And reader "s" leaves
    And "events" has seen task "a" canceled
    Then the engine has 0 slots busy
    And task "a" is now canceled

  @ORCH-1242
  Scenario: Any other task goes on without its readers
    Given a service
    And task "a" runs
    When reader "r" follows task "a"
    And the engine writes 1 token for task "a"
    And reader "r" has 1 token
    And reader "r" leaves
    And the engine writes 2 tokens for task "a"
    And the engine finishes task "a"
    And reader "s" follows task "a"
    And reader "s" is at the end
    Then reader "s" ends with end stop
    And reader "s" got exactly 3 tokens
