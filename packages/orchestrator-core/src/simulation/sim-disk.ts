// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { DecidedEnd } from '../queue/queue-journal.ts';
import type { KeptKey, KeptSession, RecoveredTask, Recovery, TaskArchive } from '../store/task-store.ts';
import type { KeyId, PoolId, SessionId, TaskId } from '../task/ids.ts';
import type { AdmissionAnswer, JobAttempt, Task } from '../task/task.ts';
import type { DeliveredPrefix } from '../store/task-store.ts';

/** What is on disk of one task. */
export interface DiskRow {
  /** Another one, of the same id, once its priority has changed. */
  task: Task;
  readonly position: number;
  /** Place in line. */
  order: number;
  /** How often its priority was changed. */
  moveCount: number;
  admission?: AdmissionAnswer;
  epoch: number;
  attempts: number;
  runs?: readonly JobAttempt[];
  delivered?: DeliveredPrefix;
  end?: DecidedEnd;
  archive?: TaskArchive;
}

/** What outlives a simulated process: written in whole batches, read when the next process starts. */
export class SimDisk {
  readonly rows = new Map<TaskId, DiskRow>();
  readonly sessions = new Map<SessionId, KeptSession>();
  readonly keys = new Map<KeyId, KeptKey>();
  readonly statistics = new Map<PoolId, string>();
  readonly paused = new Set<PoolId>();
  readonly bursts = new Map<PoolId, number>();
  #nextOrder = 0;
  /** Rows in the order of their ends. */
  readonly ended: DiskRow[] = [];

  /** A place in line behind all others. */
  takeOrder(): number {
    this.#nextOrder += 1;
    return this.#nextOrder;
  }

  /** Tasks that have not ended, in the order in which they stand in line: whatever ran is older than what waits. */
  get waiting(): readonly DiskRow[] {
    return [...this.rows.values()].filter(({ end }) => end === undefined).sort((a, b) => a.order - b.order);
  }

  /** What a new process goes on with. */
  recovery(): Recovery {
    return {
      tasks: this.waiting.map(recovered),
      sessions: [...this.sessions.values()],
      keys: [...this.keys.values()],
      statistics: this.statistics,
      lostRecordCount: 0,
    };
  }

  /** An ended task with whatever is kept of it. */
  archiveOf(row: DiskRow): TaskArchive | undefined {
    const { task, end, archive, attempts } = row;
    if (end === undefined) return undefined;
    if (archive !== undefined) return { ...archive, state: end.outcome };
    const timings = { createdAt: task.createdAt };
    const base = { task, admission: admissionOf(row), timings, attempts, pieceCount: 0, endedAt: task.createdAt };
    switch (end.outcome) {
      case 'evicted':
        return { ...base, state: 'evicted', error: new OrchError('QUEUE_FULL_DROP_LRU', { phase: 'queued' }) };
      case 'failed':
        return { ...base, state: 'failed', error: new OrchError('DEADLINE_UNMET', { phase: 'queued' }) };
      default:
        return { ...base, state: end.outcome, finishReason: end.outcome === 'canceled' ? 'canceled' : 'stop' };
    }
  }
}

function recovered(row: DiskRow): RecoveredTask {
  const { task, attempts, runs, delivered } = row;
  return {
    task,
    admission: admissionOf(row),
    attempts,
    ...(runs === undefined ? {} : { runs }),
    ...(delivered === undefined ? {} : { delivered }),
  };
}

function admissionOf({ task, admission, position }: DiskRow): AdmissionAnswer {
  if (admission !== undefined) return admission;
  const { id: taskId, jobId, poolId, sampling } = task;
  return { taskId, jobId, poolId, state: 'queued', queuePosition: position, backoffMs: 0, seed: sampling.seed };
}
