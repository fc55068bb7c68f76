// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Pool } from '../pool/pool.ts';
import type { TaskLifecycle } from '../task/task-lifecycle.ts';
import type { BesideReason } from '../waiting/why-waiting.ts';
import type { Job, JobSettler } from './job-settler.ts';

/** What a wait beside the line needs. */
export interface SideWaitOptions {
  readonly pool: Pool;
  readonly lifecycle: TaskLifecycle;
  readonly settler: JobSettler;
}

/** What is waited for. */
export interface SideWait {
  readonly reason: BesideReason;
  /** Resolves when the job may go on, or when `signal` aborts. */
  readonly until: (signal: AbortSignal) => Promise<void>;
  /** Nothing more is started. */
  readonly stopped: AbortSignal;
}

/**
 * Lets a claimed job wait beside the line: others are claimed meanwhile, and its deadline and a cancel hold as in the line.
 *
 * @returns true when the wait is over and the job still waits; false when it has ended. Give it back when `stopped` aborted.
 */
export async function waitBeside(
  job: Job,
  options: SideWaitOptions,
  { reason, until, stopped }: SideWait,
): Promise<boolean> {
  const { pool, lifecycle, settler } = options;
  const { record, lease } = job;
  const expired = new AbortController();
  const left = new AbortController();
  record.expire = () => expired.abort();
  job.leave = () => left.abort();
  if (lease.loss !== undefined) left.abort();
  record.besideReason = reason;
  lifecycle.released(record, pool);
  lifecycle.armDeadline(record);
  await until(AbortSignal.any([expired.signal, left.signal, stopped]));
  record.expire = undefined;
  job.leave = undefined;
  record.besideReason = undefined;
  if (lease.loss !== undefined) {
    await settler.settle(job, { outcome: 'canceled' });
    return false;
  }
  if (!expired.signal.aborted) return true;
  const error = new OrchError('DEADLINE_UNMET', { phase: 'queued' });
  await settler.settle(job, { outcome: 'failed', error });
  return false;
}
