// SPDX-License-Identifier: MIT
import type { PoolId } from '../task/ids.ts';
import type { KeyRulesOf } from './key-slots.ts';
import type { QueueContents, QueueJournal } from './queue-journal.ts';
import type { QueueLimits } from './task-queue.ts';

/** How a memory queue is set up. */
export interface MemoryTaskQueueOptions {
  /** Bounds of a pool; asked whenever they matter, so they may change. */
  readonly limits: (poolId: PoolId) => QueueLimits;
  /** Ids of ended tasks that stay used. Each costs about 300 bytes; an id that was forgotten would run again. */
  readonly retention: { readonly endedTasks: number };
  /** What a key may have beside the others; asked whenever it matters. Default: all alike, without limit. */
  readonly keyRules?: KeyRulesOf;
  /** Told of every decision; default nobody. */
  readonly journal?: QueueJournal;
  /** What another process left; default nothing. */
  readonly contents?: QueueContents;
}
