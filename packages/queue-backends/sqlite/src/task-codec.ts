// SPDX-License-Identifier: MIT
import type {
  AdmissionAnswer,
  Clock,
  JobAttempt,
  RecoveredTask,
  Task,
  TaskArchive,
} from '@llama-orch/orchestrator-core';
import { OrchError, type OrchErrorOptions } from '@llama-orch/worker-adapter-api';
import type { ArchiveRow, LiveRow } from './protocol.ts';

type ErrorCode = OrchError['code'];

/** An error as it is stored: what clients may see, and not the cause. */
interface StoredError extends Pick<OrchErrorOptions, 'phase' | 'retryAfterMs' | 'details'> {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What is stored of an archive besides its task, its admission, its state and what it produced. */
type StoredResult = Omit<TaskArchive, 'task' | 'admission' | 'state' | 'pieces' | 'products' | 'error'> & {
  readonly error?: StoredError;
};

interface StoredTranscript extends Pick<TaskArchive, 'pieces'> {
  /** The name it had when there was nothing else. */
  readonly vectors?: TaskArchive['products'];
}

/** What stands elsewhere, or nowhere: JSON leaves it out. */
const LEFT_OUT = { task: undefined, admission: undefined, state: undefined, pieces: undefined, products: undefined };

/** How the task ended and what it cost. */
export function encodeResult(archive: TaskArchive): string {
  const { error } = archive;
  if (error === undefined) return JSON.stringify({ ...archive, ...LEFT_OUT });
  const { code, message, phase, retryAfterMs, details } = error;
  return JSON.stringify({ ...archive, ...LEFT_OUT, error: { code, message, phase, retryAfterMs, details } });
}

/** What the task produced; null when nothing of it is kept. */
export function encodeTranscript({ pieces, products }: TaskArchive): string | null {
  if (pieces === undefined && products === undefined) return null;
  return JSON.stringify({ pieces, vectors: products } satisfies StoredTranscript);
}

/** A task that had not ended. */
export function decodeLive(row: LiveRow, clock: Clock): RecoveredTask {
  const task = decodeTask(row, clock);
  const { piece_count: pieceCount, prefix_sha256: sha256 } = row;
  return {
    task,
    admission: decodeAdmission(row, task),
    attempts: row.attempts,
    ...(row.runs === null ? {} : { runs: JSON.parse(row.runs) as readonly JobAttempt[] }),
    ...(pieceCount === null || sha256 === null ? {} : { delivered: { pieceCount, sha256 } }),
  };
}

/** A task that has ended. */
export function decodeArchive(row: ArchiveRow, clock: Clock): TaskArchive {
  const task = decodeTask(row, clock);
  const state = row.state as TaskArchive['state'];
  const stored = row.result === null ? unheldResult(row, task) : (JSON.parse(row.result) as StoredResult);
  const { pieces, vectors }: StoredTranscript =
    row.transcript === null ? {} : (JSON.parse(row.transcript) as StoredTranscript);
  const { error, finishReason, ...result } = stored;
  const reason = state === 'canceled' ? 'canceled' : finishReason;
  return {
    task,
    admission: decodeAdmission(row, task),
    state,
    ...result,
    ...(pieces === undefined ? {} : { pieces }),
    ...(vectors === undefined ? {} : { products: vectors }),
    ...(reason === undefined ? {} : { finishReason: reason }),
    // What the job came to does not count where a cancel came first.
    ...(error === undefined || state === 'canceled' ? {} : { error: decodeError(error) }),
  };
}

/** Its times are moved onto this process's clock by the wall time that has passed. */
function decodeTask({ request, priority }: Pick<LiveRow, 'request' | 'priority'>, clock: Clock): Task {
  const task = { ...(JSON.parse(request) as Task), priority: priority as Task['priority'] };
  const agedMs = Math.max(0, clock.wallNowMs() - task.createdAt);
  const acceptedAtMs = clock.nowMs() - agedMs;
  if (task.deadlineAtMs === undefined) return { ...task, acceptedAtMs };
  return { ...task, acceptedAtMs, deadlineAtMs: acceptedAtMs + (task.deadlineAtMs - task.acceptedAtMs) };
}

/** What the client was told; of an admission whose answer was not kept nobody was told more than the position. */
function decodeAdmission(row: Pick<LiveRow, 'admission' | 'position'>, task: Task): AdmissionAnswer {
  if (row.admission !== null) return JSON.parse(row.admission) as AdmissionAnswer;
  const { id: taskId, jobId, poolId, sampling } = task;
  return { taskId, jobId, poolId, state: 'queued', queuePosition: row.position, backoffMs: 0, seed: sampling.seed };
}

/** Of tasks that ended while they waited: nobody held a lease who could have told more. */
function unheldResult(row: ArchiveRow, { createdAt }: Task): StoredResult {
  const { state, attempts, ended_at: endedAt } = row;
  const timings = { createdAt, totalTimeMs: Math.max(0, endedAt - createdAt) };
  const base = { timings, attempts, pieceCount: row.piece_count ?? 0, endedAt };
  if (state === 'evicted') return { ...base, error: storedError('QUEUE_FULL_DROP_LRU') };
  return state === 'failed' ? { ...base, error: storedError('DEADLINE_UNMET') } : base;
}

function storedError(code: ErrorCode): StoredError {
  return { code, message: new OrchError(code).message, phase: 'queued' };
}

function decodeError({ code, ...options }: StoredError): OrchError {
  return new OrchError(code, options);
}
