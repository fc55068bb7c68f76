// SPDX-License-Identifier: MIT
import type { Pool } from '../pool/pool.ts';
import type { Clock } from '../ports.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { TaskView } from '../task/task.ts';
import { hangsOnSlots, whyWaiting, type WaitingFor } from './why-waiting.ts';

/** Where a waiting task stands, when it starts, and what it waits for. */
export interface WaitingView {
  /** Tasks that start before it; absent for one that waits beside the line. */
  readonly queuePosition?: number;
  /** Milliseconds from now; left out when it cannot be believed. */
  readonly predictedStartMs?: number;
  /** Only with a deadline: the chance that it starts in time; left out likewise. */
  readonly onTimeProbability?: number;
  readonly waitingFor: WaitingFor;
}

/** A task in a listing. */
export interface ListedTask {
  readonly view: TaskView;
  readonly cursor: string;
}

/** What is asked about waiting tasks. */
export interface WaitingTasksOptions {
  readonly clock: Clock;
  readonly queue: TaskQueue;
  readonly pools: ReadonlyMap<PoolId, Pool>;
}

/** Tells of waiting tasks what changes while they wait. */
export class WaitingTasks {
  readonly #options: WaitingTasksOptions;

  constructor(options: WaitingTasksOptions) {
    this.#options = options;
  }

  /** The task as clients may see it; undefined until it is admitted. */
  async view(record: TaskRecord, parts?: { readonly withoutOutput: boolean }): Promise<TaskView | undefined> {
    const waiting = isQueued(record) ? await this.of(record) : undefined;
    if (record.admission === undefined) return undefined;
    const view = record.view(record.admission, parts);
    return waiting === undefined ? view : { ...view, ...waiting };
  }

  /** All that are admitted, each with its place in listings. */
  async viewAll(records: readonly TaskRecord[]): Promise<readonly ListedTask[]> {
    const entries: ListedTask[] = [];
    for (const record of records) {
      const view = await this.view(record);
      if (view !== undefined) entries.push({ view, cursor: String(record.order) });
    }
    return entries;
  }

  /** Everything about its wait; undefined when it does not wait. */
  async of(record: TaskRecord): Promise<WaitingView | undefined> {
    const { queue, pools } = this.#options;
    if (!isQueued(record)) return undefined;
    const { id, poolId } = record.task;
    const { position, hold } = (await queue.place(id)) ?? {};
    const beside = record.besideReason;
    // It may have changed meanwhile: what was given out and is not beside the line runs.
    if (!isQueued(record) || (position === undefined && beside === undefined)) return undefined;
    const pool = pools.get(poolId);
    const waitingFor = whyWaiting(pool, { position, hold, beside });
    if (position === undefined) return { waitingFor };
    const figures = hangsOnSlots(hold) && pool !== undefined ? this.#figures(record, pool, position) : {};
    return { queuePosition: position, ...figures, waitingFor };
  }

  #figures(
    record: TaskRecord,
    pool: Pool,
    position: number,
  ): Pick<WaitingView, 'predictedStartMs' | 'onTimeProbability'> {
    const forecast = pool.forecastWaiting(record, position);
    if (forecast === undefined) return {};
    const predictedStartMs = forecast.medianMs;
    const { deadlineAtMs } = record.task;
    // ORCH-1271: a chance is told under the same rule as the prediction.
    if (deadlineAtMs === undefined) return { predictedStartMs };
    const withinMs = deadlineAtMs - this.#options.clock.nowMs();
    return { predictedStartMs, onTimeProbability: forecast.onTimeProbability(withinMs) };
  }
}

function isQueued({ state }: TaskRecord): boolean {
  return state === 'queued';
}
