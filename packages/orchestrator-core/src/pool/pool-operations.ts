// SPDX-License-Identifier: MIT
import type { PoolSpec, ReplicaSpec } from '../orchestrator-api.ts';
import type { PoolId } from '../task/ids.ts';

/** How a pool is drained. */
export interface DrainOptions {
  /** What runs may go on for so long, in milliseconds. */
  readonly deadlineMs: number;
}

/** All of a pool but its name and its engines. */
export type PoolPolicy = Omit<PoolSpec, 'id' | 'replicas'>;

/** Who needs a pool's engines. Times are those of the monotonic clock. */
export interface PoolDemand {
  readonly poolId: PoolId;
  /** Tasks that a ready engine would be given; none while the pool is paused or drained. */
  readonly waitingCount: number;
  /** Since when the one that was accepted first among them waits; absent when none does. */
  readonly oldestWaitingSinceMs?: number;
  /** Jobs that hold a slot. */
  readonly runningCount: number;
  /** How long what runs is believed to go on, as of the moment it is read; undefined when nothing runs, or too few jobs have ended to tell. */
  readonly drainMs?: number | undefined;
  /** When a job last began or ended; absent before the first. */
  readonly lastUsedAtMs?: number;
}

/** What operators, and whoever loads and unloads engines for them, do to pools while they serve. */
export interface PoolOperations {
  /**
   * Refuses new tasks from now on (POOL_UNREADY), gives out none, and resolves when nothing of the pool runs. At the
   * deadline what runs is stopped: it waits again, unless readers have tokens that no replay could give them, then it ends
   * WORKER_RESET. What waits goes on waiting. Idempotent: of several deadlines the earliest counts. Also resolves when the pool is
   * resumed. Rejects NOT_FOUND.
   */
  drainPool(id: PoolId, options: DrainOptions): Promise<void>;
  /** Takes tasks and gives them out again, after a drain as after a pause. Idempotent. Rejects NOT_FOUND. */
  resumePool(id: PoolId): Promise<void>;
  /**
   * Exchanges the replicas in one step, once each of the new ones has answered whether it is ready: from then on jobs begin
   * on the new ones only, whatever engine and model they have, and `policy` is that of the pool from the same step; default the
   * one that it has. A spec of a replica that is there, with its adapter, keeps it.
   * Resolves when the old ones have ended what they ran; they are the caller's to close then. Rejects, and nothing has
   * changed, with POOL_UNREADY when an old one serves and none of the new ones can, with INVALID_PARAMS when two have
   * one id, with NOT_FOUND, and with POOL_UNAVAILABLE when the pool is removed meanwhile.
   */
  replaceReplicas(id: PoolId, replicas: readonly ReplicaSpec[], policy?: PoolPolicy): Promise<void>;
  /** A further pool; the queue must know its limits. Rejects INVALID_PARAMS when there is one with its id. */
  addPool(spec: PoolSpec): Promise<void>;
  /**
   * Takes a pool away. What still runs is stopped as at the deadline of a drain, and all of its tasks that wait end
   * POOL_UNAVAILABLE. Its adapters are the caller's to close then. Rejects NOT_FOUND.
   */
  removePool(id: PoolId): Promise<void>;
  /** Who needs which pool now; one entry per pool. */
  demand(): readonly PoolDemand[];
  /**
   * Calls back, soon after, when a pool's first task waits, none waits any more, its first job runs or none runs any more,
   * until the returned function is called. Several such changes may come in one call.
   */
  watchDemand(listener: () => void): () => void;
  /** Gives out no task of the pool, or does again; what runs goes on and what comes is admitted. Nothing for a pool that is not there. */
  holdPool(id: PoolId, isHeld: boolean): void;
}
