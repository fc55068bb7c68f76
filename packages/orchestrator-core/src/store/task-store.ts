// SPDX-License-Identifier: MIT
import type { FinishReason, OrchError } from '@llama-orch/worker-adapter-api';
import type { Lease } from '../queue/task-queue.ts';
import type { Amounts } from '../budget/budget.ts';
import type { KeyId, PoolId, ReplicaId, SessionId, TaskId } from '../task/ids.ts';
import type { AdmissionAnswer, JobAttempt, Receipt, Task, TaskProducts, TaskTimings, TaskUsage } from '../task/task.ts';
import type { TaskState } from '../task/task-state.ts';
import type { TaskQuery } from '../orchestrator-api.ts';

/** What was delivered of a job's stream: a replay must begin with the same text. */
export interface DeliveredPrefix {
  /** Token frames written to the log. */
  readonly pieceCount: number;
  /** sha256 over the UTF-8 of their texts, in order, as 64 hex digits. */
  readonly sha256: string;
}

/** A task that had not ended when the process did. Its times are rebased onto this process's clock. */
export interface RecoveredTask {
  readonly task: Task;
  readonly admission: AdmissionAnswer;
  /** Executions begun before and not given back unstarted. 0 = it had only waited. */
  readonly attempts: number;
  /** What was kept of them by `keepAttempts`; shorter than `attempts` where the process ended before that. */
  readonly runs?: readonly JobAttempt[];
  /** Present when an execution had begun. */
  readonly delivered?: DeliveredPrefix;
}

/** A session as it is kept. */
export interface KeptSession {
  readonly id: SessionId;
  readonly turns: number;
  /** What is left of its life, in milliseconds, when no turn is live. */
  readonly ttlMsRemaining: number;
  readonly usedTokens: number;
  readonly usedTimeMs?: number;
  readonly usedCostMicros?: number;
}

/** What a key has used of its budget, as it is kept. */
export interface KeptKey {
  readonly id: KeyId;
  readonly used: Amounts;
  /** What is left of its period, in milliseconds; absent without one. */
  readonly periodMsRemaining?: number;
}

/** Everything a process needs to go on where another stopped. */
export interface Recovery {
  /** In the order in which they stand in line; those that had run come first, in their old order. */
  readonly tasks: readonly RecoveredTask[];
  readonly sessions: readonly KeptSession[];
  readonly keys: readonly KeptKey[];
  /** Opaque statistics by pool, as given to `keepStatistics`. */
  readonly statistics: ReadonlyMap<PoolId, string>;
  /** Committed records that are missing although the high-water mark proves they existed; 0 when all is well. */
  readonly lostRecordCount: number;
}

/** All that is kept of a task that has ended. */
export interface TaskArchive {
  readonly task: Task;
  readonly admission: AdmissionAnswer;
  readonly state: TaskState;
  readonly timings: TaskTimings;
  readonly attempts: number;
  /** Where the last execution ran. */
  readonly replicaId?: ReplicaId;
  readonly placementReason?: string;
  /** The engine that failed it. */
  readonly engine?: string;
  readonly usage?: TaskUsage;
  /** As told in the last frame. */
  readonly tokensOut?: number;
  readonly finishReason?: FinishReason;
  readonly error?: OrchError;
  readonly receipt?: Receipt;
  readonly products?: TaskProducts;
  /** Token frames that stand before the last frame, counting those that are not held any more. */
  readonly pieceCount: number;
  /** The texts of those that can still be sent; undefined when there is a gap. */
  readonly pieces?: readonly string[];
  /** Wall time. */
  readonly endedAt: number;
}

/** One page of archives, newest first. */
export interface ArchivePage {
  readonly archives: readonly TaskArchive[];
  readonly nextCursor?: string;
}

/**
 * What outlives the process, beside the queue: archives, sessions, statistics and the progress of running jobs.
 * The queue's own `admit`, `claim`, `settle`, `release` and `cancel` are journaled by the queue; both share one journal,
 * and everything asked for in one turn of the event loop is committed together.
 */
export interface TaskStore {
  /** What was there when the store was opened; called once, before the queue is used. */
  recover(): Promise<Recovery>;
  /**
   * Remembers what a client is about to be told, so that a repeated submit gets the same answer. Resolves once it is
   * committed; rejects STORE_UNAVAILABLE when that cannot be. Without it a recovered task has its position alone.
   */
  keepAdmission(answer: AdmissionAnswer): Promise<void>;
  /**
   * Remembers all executions of a job so far, the one about to begin last, and resolves once that is committed: no engine
   * is called before. Kept when the task goes back to the queue. Rejects STORE_UNAVAILABLE when it cannot be committed.
   */
  keepAttempts(lease: Lease, attempts: readonly JobAttempt[]): Promise<void>;
  /** Remembers how far a job's stream has come. Rides in the next commit; never awaited, the newest wins. */
  keepProgress(lease: Lease, delivered: DeliveredPrefix): void;
  /**
   * Remembers a task whose end the queue decided without an archive: canceled, evicted or expired while it waited. Asked
   * for in the turn in which the end was decided it is committed with it. What is kept already stands.
   */
  keepArchive(archive: TaskArchive): void;
  /** Remembers sessions, in the next commit; an ended one is given with `undefined`. */
  keepSession(id: SessionId, session: KeptSession | undefined): void;
  /** Remembers what a key has used, in the next commit; the newest wins. */
  keepKey(key: KeptKey): void;
  /** Remembers a pool's statistics, in the next commit. */
  keepStatistics(poolId: PoolId, statistics: string): void;
  /** An ended task; undefined when it was never there or is no longer kept. */
  archive(id: TaskId): Promise<TaskArchive | undefined>;
  /** Ended tasks, newest first. */
  listArchives(query: TaskQuery): Promise<ArchivePage>;
}
