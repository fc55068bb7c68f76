// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { TaskPage, TaskQuery } from '../orchestrator-api.ts';
import type { LivePage, TaskHistory } from '../store/task-history.ts';
import type { WaitingTasks } from '../waiting/waiting-tasks.ts';
import type { TaskId } from './ids.ts';
import type { TaskTable } from './task-table.ts';
import type { TaskView } from './task.ts';

/** Where tasks are looked up. */
export interface TaskFinderOptions {
  readonly table: TaskTable;
  readonly waiting: WaitingTasks;
  /** Absent where nothing outlives the process. */
  readonly history: TaskHistory | undefined;
}

/** Finds tasks, whether they wait, run or have ended. */
export class TaskFinder {
  readonly #options: TaskFinderOptions;

  constructor(options: TaskFinderOptions) {
    this.#options = options;
  }

  /** See `Orchestrator.get`. */
  get(id: TaskId, parts?: { readonly withoutOutput: boolean }): Promise<TaskView | undefined> {
    const { table, history, waiting } = this.#options;
    const record = table.get(id);
    if (record !== undefined) return waiting.view(record, parts);
    return history === undefined ? Promise.resolve(undefined) : history.get(id);
  }

  /** See `Orchestrator.list`. */
  async list(query: TaskQuery): Promise<TaskPage> {
    const { table, history, waiting } = this.#options;
    // ORCH-1241: what has ended is listed from where it stays longest.
    if (history !== undefined) return history.list(query, (live) => this.#listLive(live));
    if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor)) {
      throw new OrchError('INVALID_PARAMS', { phase: 'request', details: { field: '$.cursor' } });
    }
    const { records, nextCursor } = table.list(query);
    const tasks = (await waiting.viewAll(records)).map(({ view }) => view);
    return { tasks, ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async #listLive(query: TaskQuery): Promise<LivePage> {
    const { table, waiting } = this.#options;
    const { records, nextCursor } = table.list(query, (record) => !record.ended);
    const entries = await waiting.viewAll(records);
    return { entries, more: nextCursor !== undefined };
  }
}
