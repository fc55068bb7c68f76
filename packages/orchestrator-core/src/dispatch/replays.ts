// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { CorePorts } from '../ports.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { PieceSink } from '../stream/piece-sink.ts';
import type { JobPlace } from '../task/task-lifecycle.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { EngineIdentity, JobAttempt } from '../task/task.ts';
import { Delivery } from './delivery.ts';
import type { Job } from './job-settler.ts';
import { ProgressKeeper } from './progress-keeper.ts';

/** A job whose executions took their engine or this process down so often is not tried again. */
export const MAX_ATTEMPTS = 3;

/** Why an execution came to nothing, where no error code says it: the process ended under it, or was stopped. */
export const REASONS = { restart: 'RESTART', stop: 'STOP' } as const;

/** What replaying needs. */
export interface ReplaysOptions {
  readonly ports: CorePorts;
  /** Absent where nothing outlives the process. */
  readonly store: TaskStore | undefined;
}

/** Decides which jobs are executed again, and remembers what that takes. */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #progress: ProgressKeeper | undefined;

  constructor(options: ReplaysOptions) {
    this.#options = options;
    const { store, ports } = options;
    this.#progress = store && new ProgressKeeper({ clock: ports.clock, store });
  }

  /** Where the pieces of the next execution go. */
  sinkFor({ record }: Job): PieceSink {
    const { log, delivered: expected } = record;
    if (!isReplayable(record)) return log;
    return new Delivery({ digest: this.#options.ports.digest, log, expected });
  }

  /** Remembers how far the stream comes that is fed there, until the returned function is called; undefined where it does not. */
  follow({ lease }: Job, sink: PieceSink): (() => void) | undefined {
    return sink instanceof Delivery ? this.#progress?.follow(lease, sink) : undefined;
  }

  /**
   * What a fault of the engine means for the job: undefined, it is to be executed again; else how it ends. The execution
   * is noted in the record.
   */
  judge({ record }: Job, place: JobPlace, error: OrchError): OrchError | undefined {
    const isReset = error.code === 'WORKER_RESET';
    if (!isReset || !(isReplayable(record) || mayTryElsewhere(record, place))) return error;
    record.earlier.push({ ...attemptAt(place), reason: error.code });
    return poisonOf(record);
  }

  /** Remembers, in the commit that gives the task back, what its executions came to. */
  keep({ lease, record }: Job): void {
    const { store, ports } = this.#options;
    if (store === undefined) return;
    if (record.delivered !== undefined) store.keepProgress(lease, record.delivered);
    store.keepAttempts(lease, [...record.earlier]).catch((fault: unknown) => {
      // The next execution keeps them again before it begins.
      const cause = String(fault);
      ports.logger.log('warn', 'The store did not take the executions of a job.', { job_id: record.task.jobId, cause });
    });
  }
}

/** The execution that is about to begin there. */
export function attemptAt({ replicaId, props }: JobPlace): JobAttempt {
  const { engine, engineVersion, modelDigest } = props;
  return { replicaId, engine: { engine, engineVersion, ...(modelDigest === undefined ? {} : { modelDigest }) } };
}

/** The error of a job that was tried often enough. */
export function poisonOf(record: TaskRecord): OrchError | undefined {
  // ORCH-1235: what failed three times is not tried again, so that others can go on.
  return lostCountOf(record) < MAX_ATTEMPTS ? undefined : new OrchError('TASK_POISONED', { phase: 'running' });
}

/** ORCH-1239: the last execution has no neighbors, so that what fails it is the job itself. */
export function runsAlone(record: TaskRecord): boolean {
  return record.earlier.length > 0 && lostCountOf(record) === MAX_ATTEMPTS - 1;
}

/** Executions that failed, rather than ended by a graceful stop. */
function lostCountOf({ earlier }: TaskRecord): number {
  return earlier.filter(({ reason }) => reason !== REASONS.stop).length;
}

/** The engine that a further execution must run on; undefined when any of the pool will do. */
export function pinOf(record: TaskRecord): EngineIdentity | undefined {
  return isReplayable(record) && !isUnread(record) ? record.engine : undefined;
}

/** No reader has a token, so any engine may give the first one; what another process gave is not known. */
function isUnread({ log, earlier }: TaskRecord): boolean {
  return log.tokenCount === 0 && earlier.every(({ reason }) => reason !== REASONS.restart);
}

/** ORCH-1292: a job that got nothing from its engine is tried once more where another one is ready. */
function mayTryElsewhere({ log, earlier }: TaskRecord, { pool, replicaId }: JobPlace): boolean {
  if (log.tokenCount > 0 || earlier.length > 0) return false;
  return pool.replicas.some(({ id, state }) => id !== replicaId && state === 'ready');
}

function isReplayable({ task }: TaskRecord): boolean {
  return task.determinism === 'strict';
}
