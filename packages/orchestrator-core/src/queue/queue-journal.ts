// SPDX-License-Identifier: MIT
import type { TaskArchive } from '../store/task-store.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Task, TaskEnd } from '../task/task.ts';
import type { EndedTask } from './ended-tasks.ts';
import type { Steering } from './steering.ts';

/** An end that a queue has decided. */
export interface DecidedEnd {
  readonly outcome: TaskEnd['outcome'];
  /** Epoch of the lease that settled it; absent when a cancel or a deadline ended it. */
  readonly settledEpoch?: number;
  /** What its holder wants to be kept with the end. */
  readonly archive?: TaskArchive;
}

/**
 * Told of every decision of a queue, inside the call that decides and in the order of the decisions. A queue on disk
 * writes them down and holds the answers back until they are written. Must not throw.
 */
export interface QueueJournal {
  /** A task came in at this position; those in `evicted` have ended for it, in the same step. */
  admitted(task: Task, position: number, evicted: readonly TaskId[]): void;
  /** A task was given out; the epoch is higher than any before. */
  claimed(id: TaskId, epoch: number): void;
  /** So many interactive claims in a row have now passed waiting batch work; told when it has changed. */
  burst(poolId: PoolId, count: number): void;
  /** A task came back unstarted. */
  released(id: TaskId, epoch: number): void;
  /** The order of what waits was changed. */
  steered(steering: Steering): void;
  /** A task ended, in another way than by eviction. */
  ended(id: TaskId, end: DecidedEnd): void;
}

/** What a queue begins with when another process filled it. */
export interface QueueContents {
  /** Tasks that have not ended, in the order in which they stand in line. Bounds do not apply to them. */
  readonly waiting: readonly { readonly task: Task; /** How often it was claimed before. */ readonly epoch: number }[];
  /** Pools whose queue is paused; default none. */
  readonly paused?: readonly PoolId[];
  /** Interactive claims in a row that have passed waiting batch work, by pool; default none. */
  readonly bursts?: Iterable<readonly [PoolId, number]>;
  /** Tasks that have ended, in the order of their ends. */
  readonly ended: Iterable<EndedTask>;
}
