// SPDX-License-Identifier: MIT
import type { TaskArchive } from '../store/task-store.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Priority, Task, TaskEnd } from '../task/task.ts';
import type { SteerOutcome, Steering } from './steering.ts';

/** What to do when a queue is full. */
export type FullPolicy = 'reject' | 'drop-lru' | 'shed-low-priority';

/** Bounds of one pool's queues. */
export interface QueueLimits {
  /**
   * Waiting tasks per priority. Where the policy evicts a batch task for an interactive one, the newcomer stands in the
   * evicted task's place: `interactive` may then exceed its own number by what `batch` lost; the sum is never exceeded.
   */
  readonly maxTasks: Readonly<Record<Priority, number>>;
  /** Sum of `sizeBytes` of waiting tasks of the pool. */
  readonly maxBytes: number;
  readonly fullPolicy: FullPolicy;
  /** After this many interactive claims in a row while batch waits, one batch task is claimed. At least 1. */
  readonly interactiveBurst: number;
  /** Tokens that a key of weight 1 may use at its turn while several keys wait; default 1,024. At least 1. */
  readonly fairQuantumTokens?: number;
}

/** An `admit` that stored the task. */
export interface AcceptedAdmission {
  readonly outcome: 'accepted';
  /** Tasks that start before this one. */
  readonly position: number;
  /** Where it stands once the claims that waited have been served; undefined when one of them got it. */
  readonly place: PlaceInLine | undefined;
  /** Tasks of its pool that are given out by then. */
  readonly leasedCount: number;
  /** Tasks that were evicted to make room; each has ended `evicted`. */
  readonly evicted: readonly TaskId[];
}

/** What became of an `admit`. */
export type Admission =
  | AcceptedAdmission
  /** The id is known with the same fingerprint; nothing was stored. */
  | { readonly outcome: 'repeated' }
  /** The id is known with another fingerprint; nothing was stored. */
  | { readonly outcome: 'conflict' }
  /** A bound is reached and the policy frees nothing; nothing was stored. */
  | { readonly outcome: 'full'; readonly limit: 'tasks' | 'bytes' }
  /** The queue is closed; nothing was stored. */
  | { readonly outcome: 'closed' };

/** What would become of an `admit` now; `position` as if nothing had to go for it. */
export type Preview =
  | {
      readonly outcome: 'accepted';
      readonly position: number;
      /** Why it would be passed over; undefined when it would not. */
      readonly hold: QueueHold | undefined;
    }
  | RefusedAdmission;

/** An `admit` that stored nothing. */
export type RefusedAdmission = Exclude<Admission, { readonly outcome: 'accepted' }>;

/** Why the right to run a job is gone. */
export type LeaseLoss = 'canceled' | 'fenced';

/** The right to run a job once. */
export interface Lease {
  readonly task: Task;
  /** Fencing token: grows with every claim of the task; writes under an older one are refused. */
  readonly epoch: number;
  /** Undefined while the right stands. */
  readonly loss: LeaseLoss | undefined;
  /** Called once, in the step in which the right goes; set by the holder, who then stops the engine and settles. */
  onLost: (() => void) | undefined;
}

/** An end, and what the job used: what its key is charged. */
export type Settlement = TaskEnd & { /** Read and written. */ readonly usedTokens?: number };

/** What became of a `settle` or `release`: `superseded` means that another end was decided first and stands. */
export type SettleOutcome = 'done' | 'superseded';

/**
 * What became of a `cancel`. `removed`: it waited and has now ended canceled (or failed, for a deadline).
 * `signaled`: it ran; its end is decided as canceled and its lease is lost. `running`: it had started before the
 * deadline and runs on. `ended`: it had ended before. `unknown`: no such task.
 */
export type CancelOutcome = 'removed' | 'signaled' | 'running' | 'ended' | 'unknown';

/**
 * Why a waiting task is passed over. `session_turn`: an older turn of its session has not ended. `key_concurrency`: as many
 * tasks of its key run as may. `fair_share`: it is its key's next, and other keys have their turn before. `pool_paused`:
 * nothing of its pool is given out.
 */
export type QueueHold = 'session_turn' | 'key_concurrency' | 'fair_share' | 'pool_paused';

/** Where a waiting task stands. */
export interface PlaceInLine {
  /**
   * How many of the tasks waiting now start before this one, `interactiveBurst` included. Exact while nothing arrives, is
   * canceled or is released, and no turn of a session ends. Tasks that are passed over count for nobody but the younger
   * turns of their own session.
   */
  readonly position: number;
  /** Why it is passed over; absent when it waits for a slot alone. */
  readonly hold?: QueueHold;
}

/** One consistent view of a pool's queues. */
export interface QueueSnapshot {
  readonly waiting: Readonly<Record<Priority, number>>;
  readonly leased: number;
  readonly waitingBytes: number;
  /** Nothing is given out. */
  readonly paused: boolean;
}

/**
 * The bounded fair queue of all pools, and the one place where a task's fate is decided.
 *
 * Invariants, numbered in `specs/core-queue.md` and checked for every implementation by `exerciseTaskQueue`:
 * a bound is never exceeded; FIFO inside a priority; interactive first, batch bounded by `interactiveBurst`;
 * claim, cancel and evict of one task meet in one linearization point, so exactly one of them wins;
 * at most one lease of a task is live, and epochs grow; a settled task never comes back;
 * a released task stands at the front of its priority in its old order;
 * of the tasks of one session that have not ended only the one admitted first is given out, and the others hold up nobody.
 * All members may be called concurrently, from several processes where the implementation spans them.
 */
export interface TaskQueue {
  /**
   * Atomic with the bound and with the id: on any outcome but `accepted` nothing is stored. Never throws for "full".
   * A queue on disk rejects with STORE_UNAVAILABLE while it cannot write; whether the task is in is then open, and a
   * repeat with the same id finds or makes exactly one.
   *
   * `onDecided` is called once, as soon as the task is accepted and before that is kept: what it writes to the store of
   * this queue in the same turn of the event loop is kept in the same step.
   */
  admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission>;
  /** What `admit` would answer now; changes nothing. */
  preview(task: Task): Promise<Preview>;
  /**
   * The next task of the pool. Waits, first come first served; resolves undefined when `signal` aborts or the queue
   * closes. A task that was handed over just before `signal` aborted is still leased: the caller settles or releases it.
   * A queue on disk keeps the claim before anything that follows it; what must not be begun before the claim is kept waits for
   * `TaskStore.keepAttempts`.
   */
  claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined>;
  /**
   * Ends the lease and the task. Idempotent per lease and outcome. `superseded` when a cancel, another end or a newer
   * epoch came first. A queue that keeps ended tasks stores `archive` in the same step as the end, also where a cancel
   * came first: then with the state that stands.
   */
  settle(lease: Lease, end: Settlement, archive?: TaskArchive): Promise<SettleOutcome>;
  /** Gives the task back unstarted, to the front of its priority in its old order. */
  release(lease: Lease): Promise<SettleOutcome>;
  /** Ends a waiting or running task as canceled; with reason `deadline` only a waiting one, as failed. */
  cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome>;
  /**
   * Changes the order of what waits, at the point where claim, cancel and evict of a task meet: a task is moved or given
   * out, never both. A pause keeps order, bounds and the burst under way.
   */
  steer(steering: Steering): Promise<SteerOutcome>;
  /** Where a task stands in line; undefined when it does not wait. One view, never two reads. */
  place(id: TaskId): Promise<PlaceInLine | undefined>;
  /** One consistent view, never two reads. */
  snapshot(poolId: PoolId): Promise<QueueSnapshot>;
  /** Idempotent. Refuses new tasks, ends waiting claims, keeps what is stored. */
  close(): Promise<void>;
}
