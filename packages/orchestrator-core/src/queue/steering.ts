// SPDX-License-Identifier: MIT
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Priority } from '../task/task.ts';

/** What an operator or a client changes in the order of what waits. */
export type Steering =
  /** A waiting task goes to the end of another priority. */
  | { readonly kind: 'priority'; readonly id: TaskId; readonly priority: Priority }
  /** From now on the pool's queue gives out nothing, or something again. Both are idempotent. */
  | { readonly kind: 'pause' | 'resume'; readonly poolId: PoolId };

/**
 * What became of it. `done`: it is so now, or was before. `full`: the other priority has no place. `leased`: the task has
 * been given out. `ended`: it had ended before. `unknown`: no such task. On anything but `done` nothing has changed.
 */
export type SteerOutcome = 'done' | 'full' | 'leased' | 'ended' | 'unknown';
