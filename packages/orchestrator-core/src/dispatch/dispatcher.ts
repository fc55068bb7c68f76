// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { ChangeSignal } from '../pool/change-signal.ts';
import type { Pool } from '../pool/pool.ts';
import type { CorePorts } from '../ports.ts';
import type { Lease, TaskQueue } from '../queue/task-queue.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { AdmissionFigures, TaskLifecycle } from '../task/task-lifecycle.ts';
import type { TaskTable } from '../task/task-table.ts';
import { JobExecutor } from './job-executor.ts';
import { JobSettler, type Job } from './job-settler.ts';

/** Wait after the queue itself failed. */
const QUEUE_FAULT_PAUSE_MS = 1_000;

/** What is told of a task whose claim came before its submit came back. */
const STARTED_AT_ONCE: AdmissionFigures = { queuePosition: 0, predictedStartMs: 0, backoffMs: 0 };

/** What a dispatcher needs. */
export interface DispatcherOptions {
  readonly ports: CorePorts;
  readonly pool: Pool;
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly lifecycle: TaskLifecycle;
  readonly sessions: SessionTable;
  /** Absent where nothing outlives the process. */
  readonly store: TaskStore | undefined;
  readonly abortGraceMs: number;
}

/** The only loop of the service, one per pool: free slot, claim, place, run, settle. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #settler: JobSettler;
  readonly #executor: JobExecutor;
  #jobCount = 0;
  readonly #jobEnds = new ChangeSignal();
  #claims: AbortController | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#settler = new JobSettler(options);
    this.#executor = new JobExecutor({ ...options, settler: this.#settler });
  }

  /** Begins to claim, also once more; does nothing when it already does. */
  start(): void {
    if (this.#claims?.signal.aborted === false) return;
    const { signal } = (this.#claims = new AbortController());
    this.#loop = this.#loop.then(() => this.#claimUntil(signal));
  }

  /** Claims no more; resolves when no claim is open. What runs goes on. */
  async stopClaiming(): Promise<void> {
    this.#claims?.abort();
    await this.#loop;
  }

  /** Stops what runs, so that it can be given out again. Call after `stopClaiming`. */
  interrupt(): void {
    this.#executor.interrupt();
  }

  /** Resolves when no job runs, or when `signal` aborts. Call after `stopClaiming`. */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    await this.#jobEnds.until(() => this.#jobCount === 0, signal);
  }

  async #claimUntil(signal: AbortSignal): Promise<void> {
    const { pool, queue } = this.#options;
    while (!signal.aborted) {
      if (!pool.hasFreeSlot) await pool.whenSlotFree(signal);
      try {
        const lease = await queue.claim(pool.id, signal);
        if (lease === undefined) return;
        this.#dispatch(lease, signal);
      } catch (fault) {
        this.#report('The queue failed to give out a task.', fault);
        await this.#pause(signal);
      }
    }
  }

  #dispatch(lease: Lease, stopped: AbortSignal): void {
    const job: Job = { lease, record: this.#options.table.ensure(lease.task), run: undefined, leave: undefined };
    this.#adopt(job);
    this.#jobCount += 1;
    void this.#run(job, stopped);
  }

  /** Never rejects. */
  async #run(job: Job, stopped: AbortSignal): Promise<void> {
    try {
      // ORCH-3470: a job starts on a free slot of a ready replica or goes back to the front of the queue.
      const started = stopped.aborted || job.lease.loss !== undefined ? undefined : this.#executor.start(job, stopped);
      await (started ?? this.#settler.release(job));
    } catch (fault) {
      await this.#fail(job, fault);
    } finally {
      this.#jobCount -= 1;
      this.#jobEnds.notify();
    }
  }

  async #fail(job: Job, fault: unknown): Promise<void> {
    this.#report('A job ended in a fault of the service.', fault);
    const error = OrchError.from(fault, 'INTERNAL').inPhase('running');
    await this.#settler.settle(job, { outcome: 'failed', error }).catch((second: unknown) => {
      this.#report('The queue failed to take the end of a job.', second);
      const { lifecycle, pool } = this.#options;
      lifecycle.ended(job.record, pool, lifecycle.conclude(job.record, { outcome: 'failed', error }));
    });
  }

  /** Brings the task's record up to the claim, also where the queue gave it out before the submit came back. */
  #adopt(job: Job): void {
    const { lifecycle, pool } = this.#options;
    const { record, lease } = job;
    const stop = (): void => {
      // A replay has tokens to cut before its engine has been called.
      record.log.cutTokens();
      job.run?.cancel();
      job.leave?.();
    };
    if (lease.loss === undefined) lease.onLost = stop;
    else stop();
    if (record.admission === undefined) lifecycle.admitted({ record, pool, isGivenOut: true }, STARTED_AT_ONCE);
    // The move of a task and its claim may be told in any order.
    lifecycle.reprioritized(record, pool, lease.task.priority);
    lifecycle.claimed(record, pool);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const timer = this.#options.ports.clock.setTimer(QUEUE_FAULT_PAUSE_MS, wake);
    signal.addEventListener('abort', wake, { once: true });
    await promise;
    timer.cancel();
    signal.removeEventListener('abort', wake);
  }

  #report(human: string, fault: unknown): void {
    const cause = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.#options.ports.logger.log('error', human, { pool_id: this.#options.pool.id, cause });
  }
}
