// SPDX-License-Identifier: MIT
import { settleAmounts } from '../budget/settle-amounts.ts';
import type { Pool } from '../pool/pool.ts';
import type { Lease, TaskQueue } from '../queue/task-queue.ts';
import type { JobResult } from '../task/conclusion.ts';
import type { TaskLifecycle } from '../task/task-lifecycle.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { TaskEnd } from '../task/task.ts';
import type { JobRun } from './job-run.ts';

/** A claimed task. */
export interface Job {
  readonly lease: Lease;
  readonly record: TaskRecord;
  /** What executes it now; it is canceled when the lease is lost. */
  run: JobRun | undefined;
  /** Ends its wait beside the line, where it waits there. */
  leave: (() => void) | undefined;
}

/** Where ends are decided and carried out. */
export interface JobSettlerOptions {
  readonly pool: Pool;
  readonly queue: TaskQueue;
  readonly lifecycle: TaskLifecycle;
}

const CANCELED: TaskEnd = { outcome: 'canceled' };

/** Brings what a job came to before the queue, and carries out what the queue decides. */
export class JobSettler {
  readonly #options: JobSettlerOptions;

  constructor(options: JobSettlerOptions) {
    this.#options = options;
  }

  /** Proposes an end. Its slot must be free: whoever waits for the end is told. */
  async settle({ lease, record }: Job, end: TaskEnd, result?: JobResult): Promise<void> {
    const { queue, lifecycle, pool } = this.#options;
    const proposed = lifecycle.conclude(record, lease.loss === undefined ? end : CANCELED, result);
    lifecycle.settleShare(record, proposed);
    const settlement = { ...end, usedTokens: settleAmounts(record, proposed).tokens };
    const outcome = await queue.settle(lease, settlement, lifecycle.archive(record, proposed));
    // ORCH-3476: only a cancel can have been decided before, and it stands.
    const stands = outcome === 'done' || proposed.outcome === 'canceled';
    lifecycle.ended(record, pool, stands ? proposed : lifecycle.conclude(record, CANCELED, result));
  }

  /** Gives the task back, to be run by a later lease. */
  async release(job: Job): Promise<void> {
    const { lifecycle, pool } = this.#options;
    // The queue may give the task out again before this resolves, so the record goes first.
    lifecycle.released(job.record, pool);
    await this.putBack(job);
  }

  /** The same for a task whose record waits already. */
  async putBack({ lease, record }: Job): Promise<void> {
    const { queue, lifecycle, pool } = this.#options;
    const outcome = await queue.release(lease);
    if (outcome === 'superseded') lifecycle.ended(record, pool, lifecycle.conclude(record, CANCELED));
    else lifecycle.armDeadline(record);
  }
}
