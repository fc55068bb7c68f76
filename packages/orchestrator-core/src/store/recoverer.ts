// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { poisonOf } from '../dispatch/replays.ts';
import type { Pool } from '../pool/pool.ts';
import type { CorePorts } from '../ports.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Shares } from '../admission/shares.ts';
import type { KeyLedger } from '../keys/key-ledger.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskLifecycle } from '../task/task-lifecycle.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { TaskTable } from '../task/task-table.ts';
import type { RecoveredTask, TaskStore } from './task-store.ts';

/** What recovery needs. */
export interface RecovererOptions {
  readonly ports: CorePorts;
  readonly queue: TaskQueue;
  readonly store: TaskStore;
  readonly table: TaskTable;
  readonly sessions: SessionTable;
  readonly keys: KeyLedger;
  readonly shares: Shares;
  readonly lifecycle: TaskLifecycle;
  readonly pools: ReadonlyMap<PoolId, Pool>;
}

/** Brings back what another process left, before anything is given out. */
export class Recoverer {
  readonly #options: RecovererOptions;

  constructor(options: RecovererOptions) {
    this.#options = options;
  }

  /** Rejects STORE_UNAVAILABLE when the store cannot be read or an end cannot be committed. */
  async recover(): Promise<void> {
    const { store, sessions, ports, keys } = this.#options;
    const { tasks, sessions: kept, keys: keptKeys, statistics } = await store.recover();
    sessions.restore(kept, ports.clock.nowMs());
    keys.restore(keptKeys);
    for (const [poolId, text] of statistics) this.#options.pools.get(poolId)?.restore(text);
    // ORCH-1283: a pause outlives the process.
    for (const pool of this.#options.pools.values()) {
      pool.gate.setPaused((await this.#options.queue.snapshot(pool.id)).paused);
    }
    const ends: Promise<void>[] = [];
    for (const recovered of this.#byAge(tasks)) {
      const record = this.#restore(recovered);
      const error = endOf(record, recovered);
      if (error !== undefined) ends.push(this.#end(record, error));
    }
    await Promise.all(ends);
    this.#report(tasks);
  }

  /** The table lists tasks in the order of their arrival, not in that of the line. */
  #byAge(tasks: readonly RecoveredTask[]): readonly RecoveredTask[] {
    return tasks.toSorted((a, b) => a.task.acceptedAtMs - b.task.acceptedAtMs);
  }

  #restore(recovered: RecoveredTask): TaskRecord {
    const { table, shares, lifecycle, pools } = this.#options;
    const { task } = recovered;
    const record = table.ensure(task);
    shares.resume(record, pools.get(task.poolId));
    lifecycle.restored(record, pools.get(task.poolId), recovered);
    return record;
  }

  /** Nothing is given out yet, so the task waits, and the queue ends it as it ends one whose time is over. */
  async #end(record: TaskRecord, error: OrchError): Promise<void> {
    const { queue, store, lifecycle, pools } = this.#options;
    const { poolId, id } = record.task;
    const conclusion = lifecycle.conclude(record, { outcome: 'failed', error });
    const decided = queue.cancel(id, 'deadline');
    const archive = lifecycle.archive(record, conclusion);
    if (archive !== undefined) store.keepArchive(archive);
    await decided;
    lifecycle.ended(record, pools.get(poolId), conclusion);
  }

  #report(tasks: readonly RecoveredTask[]): void {
    const { ports, pools } = this.#options;
    if (tasks.length > 0) ports.logger.log('info', `${tasks.length} tasks go on from the store.`, {});
    for (const poolId of new Set(tasks.map(({ task }) => task.poolId))) {
      if (pools.has(poolId)) continue;
      ports.logger.log('warn', `Tasks of pool ${poolId} wait, but no such pool is configured.`, { pool_id: poolId });
    }
  }
}

/** How a task ends because of the restart; undefined when it goes on. */
function endOf(record: TaskRecord, { task, attempts, runs = [] }: RecoveredTask): OrchError | undefined {
  if (task.determinism === 'strict') return poisonOf(record);
  // ORCH-1222: an engine was called, so readers may have tokens that nobody can give again.
  if (attempts === 0 || runs.length === 0) return undefined;
  return new OrchError('WORKER_RESET', { message: 'The service restarted while the job ran.', phase: 'running' });
}
