// SPDX-License-Identifier: MIT
import {
  createMemoryTaskQueue,
  type AcceptedAdmission,
  type Admission,
  type CancelOutcome,
  type Lease,
  type MemoryTaskQueueOptions,
  type Preview,
  type PlaceInLine,
  type PoolId,
  type QueueContents,
  type QueueJournal,
  type QueueLimits,
  type QueueSnapshot,
  type Settlement,
  type SettleOutcome,
  type SteerOutcome,
  type Steering,
  type Task,
  type TaskArchive,
  type TaskId,
  type TaskQueue,
} from '@llama-orch/orchestrator-core';
import type { GroupCommit } from './group-commit.ts';
import { RECORD } from './protocol.ts';
import { encodeResult, encodeTranscript } from './task-codec.ts';

/** An end may wait this part of the time its task took, for others to share its commit with. */
const END_PATIENCE_RATIO = 0.03;
const MAX_END_PATIENCE_MS = 40;

/** What a durable queue is made of. */
export interface DurableTaskQueueOptions {
  readonly commits: GroupCommit;
  readonly limits: (poolId: PoolId) => QueueLimits;
  readonly endedIds: number;
  readonly keyRules: MemoryTaskQueueOptions['keyRules'];
  readonly contents: QueueContents;
}

/**
 * The queue in memory decides, the journal remembers: every answer is held back until all that was decided before it is
 * committed. Only a lease is not: nothing is begun under it before `TaskStore.keepAttempts` has committed both, so a task that
 * finds a free slot needs one commit to start.
 */
export class DurableTaskQueue implements TaskQueue {
  readonly #commits: GroupCommit;
  readonly #memory: TaskQueue;

  constructor({ commits, limits, endedIds, keyRules, contents }: DurableTaskQueueOptions) {
    this.#commits = commits;
    this.#memory = createMemoryTaskQueue({
      limits,
      retention: { endedTasks: endedIds },
      ...(keyRules === undefined ? {} : { keyRules }),
      journal: journalOf(commits),
      contents,
    });
  }

  async admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission> {
    this.#commits.demandRoom();
    const admission = await this.#memory.admit(task, onDecided);
    // ORCH-1202: also a repeat is answered no sooner than the task it repeats is on disk.
    this.#commits.hurry();
    await this.#commits.answered;
    return admission;
  }

  async preview(task: Task): Promise<Preview> {
    this.#commits.demandRoom();
    return this.#memory.preview(task);
  }

  claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    return this.#memory.claim(poolId, signal);
  }

  async settle(lease: Lease, end: Settlement, archive?: TaskArchive): Promise<SettleOutcome> {
    const outcome = await this.#memory.settle(lease, end, archive);
    if (outcome === 'superseded') {
      this.#keepSuperseded(lease, archive);
      this.#commits.hurry();
    }
    await this.#commits.committed;
    return outcome;
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    const outcome = await this.#memory.release(lease);
    if (outcome === 'superseded') this.#commits.countStale(1);
    return this.#committed(outcome);
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    return this.#committed(this.#memory.cancel(id, reason));
  }

  async steer(steering: Steering): Promise<SteerOutcome> {
    return this.#committed(this.#memory.steer(steering));
  }

  place(id: TaskId): Promise<PlaceInLine | undefined> {
    return this.#memory.place(id);
  }

  snapshot(poolId: PoolId): Promise<QueueSnapshot> {
    return this.#memory.snapshot(poolId);
  }

  async close(): Promise<void> {
    return this.#committed(this.#memory.close());
  }

  async #committed<T>(answer: T): Promise<Awaited<T>> {
    const decided = await answer;
    this.#commits.hurry();
    await this.#commits.committed;
    return decided;
  }

  #keepSuperseded({ task }: Lease, archive: TaskArchive | undefined): void {
    this.#commits.countStale(1);
    if (archive === undefined) return;
    this.#commits.append([RECORD.archive, task.id, encodeResult(archive), encodeTranscript(archive)]);
  }
}

/** Writes each decision as one record. */
function journalOf(commits: GroupCommit): QueueJournal {
  return {
    admitted(task, position, evicted) {
      const { id, poolId, priority, sessionId = null, fingerprint } = task;
      const known = [RECORD.admit, id, poolId, priority, sessionId, fingerprint];
      commits.append([...known, position, JSON.stringify(task), evicted.length, ...evicted]);
    },
    claimed(id, epoch) {
      commits.append([RECORD.claim, id, epoch]);
    },
    burst(poolId, count) {
      commits.appendLatest(`burst ${poolId}`, [RECORD.burst, poolId, count]);
    },
    released(id, epoch) {
      commits.append([RECORD.release, id, epoch]);
    },
    steered(steering) {
      if (steering.kind === 'priority') commits.append([RECORD.priority, steering.id, steering.priority]);
      else commits.append([RECORD.pause, steering.poolId, steering.kind === 'pause' ? 1 : 0]);
    },
    ended(id, { outcome, settledEpoch = null, archive }) {
      const result = archive === undefined ? null : encodeResult(archive);
      const transcript = archive === undefined ? null : encodeTranscript(archive);
      // An end that somebody has asked for is under no lease, and answered at once.
      const patienceMs = settledEpoch === null ? 0 : patienceOf(archive);
      commits.append([RECORD.end, id, outcome, settledEpoch, result, transcript], patienceMs);
    },
  };
}

/** ORCH-1204: hardly anything beside what the client has waited for anyway. */
function patienceOf(archive: TaskArchive | undefined): number {
  return Math.min((archive?.timings.totalTimeMs ?? 0) * END_PATIENCE_RATIO, MAX_END_PATIENCE_MS);
}
