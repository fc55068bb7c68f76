// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Steered } from '../orchestrator-api.ts';
import type { KeyLedger } from '../keys/key-ledger.ts';
import type { Pool } from '../pool/pool.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskLifecycle } from '../task/task-lifecycle.ts';
import type { TaskTable } from '../task/task-table.ts';
import type { Priority } from '../task/task.ts';
import type { Steering } from './steering.ts';
import type { TaskQueue } from './task-queue.ts';

/** What steering needs. */
export interface SteererOptions {
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly lifecycle: TaskLifecycle;
  readonly pools: ReadonlyMap<PoolId, Pool>;
  readonly keys: KeyLedger;
}

/** Brings changes of the order before the queue, and carries out what it decides. */
export class Steerer {
  readonly #options: SteererOptions;

  constructor(options: SteererOptions) {
    this.#options = options;
  }

  /** See `Orchestrator.steer`. */
  steer(steering: Steering): Promise<Steered> {
    return steering.kind === 'priority' ? this.#prioritize(steering) : this.#setPaused(steering);
  }

  async #prioritize(steering: Extract<Steering, { kind: 'priority' }>): Promise<Steered> {
    const { queue, table, lifecycle, pools, keys } = this.#options;
    const record = table.find(steering.id);
    const allowed = keys.spec(record?.task.keyId)?.priorities;
    if (allowed?.includes(steering.priority) === false) return { outcome: 'refused', error: notAllowed(allowed) };
    const outcome = await queue.steer(steering);
    if (outcome === 'unknown') return { outcome };
    const pool = record && pools.get(record.task.poolId);
    if (outcome !== 'done') return { outcome: 'refused', error: this.#refusal(steering, outcome, pool) };
    if (record !== undefined) lifecycle.reprioritized(record, pool, steering.priority);
    return { outcome };
  }

  async #setPaused(steering: Extract<Steering, { kind: 'pause' | 'resume' }>): Promise<Steered> {
    const { queue, pools } = this.#options;
    const pool = pools.get(steering.poolId);
    if (pool === undefined) return { outcome: 'unknown' };
    await queue.steer(steering);
    // Others may have steered meanwhile: what stands is told.
    pool.gate.setPaused((await queue.snapshot(pool.id)).paused);
    return { outcome: 'done' };
  }

  #refusal(
    { priority }: Extract<Steering, { kind: 'priority' }>,
    outcome: 'full' | 'leased' | 'ended',
    pool: Pool | undefined,
  ): OrchError {
    if (outcome !== 'full' || pool === undefined) {
      const message = outcome === 'ended' ? 'The task has ended.' : 'The task waits no longer.';
      return new OrchError('TASK_CONFLICT', { message, phase: 'request', details: { field: 'path.task_id' } });
    }
    return new OrchError('ADMISSION_REJECT', {
      message: `The queue of priority ${priority} is full; the task keeps its place.`,
      phase: 'request',
      retryAfterMs: pool.retryAfterMs,
      details: { limit: pool.spec.limits.maxTasks[priority], unit: 'tasks', pool_id: pool.id, priority },
    });
  }
}

/** ORCH-1282: no move gives a task what its key could not have asked for. */
function notAllowed(allowed: readonly Priority[]): OrchError {
  return new OrchError('INVALID_PARAMS', {
    message: 'The key of the task may not use this priority.',
    phase: 'request',
    details: { field: '$.priority', expected: allowed.join(' or ') },
  });
}
