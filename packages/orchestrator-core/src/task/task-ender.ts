// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Pool } from '../pool/pool.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { TaskHistory } from '../store/task-history.ts';
import type { PoolId, TaskId } from './ids.ts';
import type { TaskLifecycle } from './task-lifecycle.ts';
import type { TaskRecord } from './task-record.ts';
import type { TaskTable } from './task-table.ts';
import type { TaskEnd, TaskView } from './task.ts';

/** Where ends are asked for and carried out. */
export interface TaskEnderOptions {
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly lifecycle: TaskLifecycle;
  readonly pools: ReadonlyMap<PoolId, Pool>;
  /** Absent where nothing outlives the process. */
  readonly history: TaskHistory | undefined;
}

/** Ends tasks from outside: because a client wants it, because their time is over, or because nobody will run them. */
export class TaskEnder {
  readonly #options: TaskEnderOptions;

  constructor(options: TaskEnderOptions) {
    this.#options = options;
  }

  /** See `Orchestrator.cancel`. */
  async cancel(id: TaskId): Promise<'canceled' | 'ended' | undefined> {
    const { table, queue, history } = this.#options;
    const record = table.get(id);
    if (record === undefined) return endOf(await history?.get(id));
    if (!record.ended) {
      const outcome = await queue.cancel(id, 'client');
      if (outcome === 'removed') this.#endWaiting(record, { outcome: 'canceled' });
      // ORCH-3424: the answer waits until the engine's slot is free.
      await record.whenEnded();
    }
    return endOf(record);
  }

  /** The latest start of the task has passed. */
  expire(record: TaskRecord): Promise<void> {
    return this.#fail(record, new OrchError('DEADLINE_UNMET', { phase: 'queued' }));
  }

  /** The pool of the task has been taken away; nothing for one that waits no longer. */
  async endUnavailable(record: TaskRecord, pool: Pool): Promise<void> {
    const error = new OrchError('POOL_UNAVAILABLE', { phase: 'queued', details: { pool_id: pool.id } });
    await this.#fail(record, error, pool);
  }

  /** A job that was given out and waits beside the line hears of it; one that runs goes on. */
  async #fail(record: TaskRecord, error: OrchError, pool?: Pool): Promise<void> {
    const outcome = await this.#options.queue.cancel(record.task.id, 'deadline');
    if (outcome === 'running') record.expire?.();
    if (outcome === 'removed') this.#endWaiting(record, { outcome: 'failed', error }, pool);
  }

  #endWaiting(record: TaskRecord, end: TaskEnd, pool = this.#options.pools.get(record.task.poolId)): void {
    this.#options.lifecycle.endedWaiting(record, pool, end);
  }
}

function endOf(task: Pick<TaskView, 'state'> | undefined): 'canceled' | 'ended' | undefined {
  if (task === undefined) return undefined;
  return task.state === 'canceled' ? 'canceled' : 'ended';
}
