Feature: Budgets and full queues
  What a session may use is set aside when a task is accepted and settled when it has ended; a full queue does what it was told.

  @ORCH-1311 @ORCH-1312
  Scenario: A task that its session cannot pay is refused, and the one before it pays back what it did not use
    Given a new service with
      | sessions.token_budget | 130 |
    And task "a" runs with
      | session_id | "s" |
      | max_tokens | 60  |
    When task "b" is submitted with
      | session_id | "s" |
      | max_tokens | 60  |
    Then the answer is 429 BUDGET_EXHAUSTED
    And the answer says when to come back
    And the answer holds
      | policy_label   | "session_budget" |
      | details.budget | "session_tokens" |
      | details.field  | "$.max_tokens"   |
    And task "b" never reached the engine
    When the engine writes 2 tokens for task "a"
    And the engine finishes task "a"
    And reader "r" follows task "a"
    And reader "r" is at the end
    And task "b" is submitted again
    Then the answer is 202

  @ORCH-1250
  Scenario: An interactive newcomer takes the place of the newest batch task
    Given a new service with
      | queue.interactive_tasks | 1                   |
      | queue.batch_tasks       | 2                   |
      | queue.full_policy       | "shed-low-priority" |
    And task "a" runs
    And task "first" waits
    And task "b" waits with
      | priority | "batch" |
    And task "c" waits with
      | priority | "batch" |
    When task "d" is submitted
    Then the answer is 202
    And task "c" is now evicted
    And task "c" never reached the engine
    And task "b" is now queued
    When task "e" is submitted with
      | priority | "batch" |
    Then the answer is 429 ADMISSION_REJECT
    And the answer says when to come back
    And the answer holds
      | policy_label | "shed-low-priority" |

  @ORCH-1250
  Scenario: Waiting tasks are bounded by their bytes, too
    Given a new service with
      | queue.queued_bytes | 2048 |
    And task "a" runs
    And task "b" waits
    When task "c" is submitted
    Then the answer is 429 ADMISSION_REJECT
    And the answer holds
      | details.unit  | "bytes" |
      | details.limit | 2048    |
