// SPDX-License-Identifier: MIT
import type { LimitedAmounts } from '../budget/budget.ts';
import type { KeyId, PoolId } from '../task/ids.ts';
import type { Priority } from '../task/task.ts';

/** What a key may use up. */
export interface KeyBudget extends LimitedAmounts {
  /** How long it lasts until it is full again, in milliseconds; absent: for ever. */
  readonly periodMs?: number;
}

/** A key and its share; a limit that is absent does not apply. */
export interface KeySpec {
  readonly id: KeyId;
  /** Its part of a pool beside the other keys that wait there. At least 1. */
  readonly weight: number;
  /** New tasks it may ask for, as a mean. */
  readonly requestsPerMinute?: number;
  /** New tasks it may ask for at once after a pause; default a tenth of `requestsPerMinute`, at least 1. */
  readonly burst?: number;
  /** Its tasks that wait at once, in all pools; more are refused. */
  readonly queuedTasks?: number;
  /** Its tasks that run at once, in all pools; more wait. */
  readonly runningTasks?: number;
  /** Priorities it may use, its default first; never empty. */
  readonly priorities: readonly Priority[];
  /** Pools it may use; absent: all. */
  readonly pools?: readonly PoolId[];
  readonly budget?: KeyBudget;
}
