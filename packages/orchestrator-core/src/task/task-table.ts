// SPDX-License-Identifier: MIT
import type { TaskQuery } from '../orchestrator-api.ts';
import type { EventLog } from '../stream/event-log.ts';
import type { TaskId } from './ids.ts';
import { NO_PRODUCTS, TaskRecord } from './task-record.ts';
import type { Task } from './task.ts';

/** Places of dropped records are given back once they are this many and half of the array. */
const COMPACT_COUNT = 1_024;
/** Bytes that one embedding value or score counts. */
const NUMBER_BYTES = 8;

/** How long ended tasks stay readable, and how a log is made. */
export interface TaskTableOptions {
  readonly retention: { readonly endedTasks: number; readonly transcriptBytes: number };
  readonly makeLog: () => EventLog;
}

/** One page of records, newest first. */
export interface RecordPage {
  readonly records: readonly TaskRecord[];
  readonly nextCursor?: string;
}

/** Every task this process can still tell something about: all that wait and run, and the newest that have ended. */
export class TaskTable {
  readonly #options: TaskTableOptions;
  readonly #byId = new Map<TaskId, TaskRecord>();
  /** In order of arrival; removed ones leave a hole until the next compaction. */
  #arrivals: (TaskRecord | undefined)[] = [];
  /** Their orders, holes included: ascending, so places are found by halving. */
  #orders: number[] = [];
  #nextOrder = 0;
  #holes = 0;
  #ended: (TaskRecord | undefined)[] = [];
  #endedHead = 0;
  #transcriptBytes = 0;

  constructor(options: TaskTableOptions) {
    this.#options = options;
  }

  /** The record of an admitted task. */
  get(id: TaskId): TaskRecord | undefined {
    const record = this.#byId.get(id);
    return record?.admission === undefined ? undefined : record;
  }

  /** The record of a task that the queue knows, also while its submit is on the way. */
  find(id: TaskId): TaskRecord | undefined {
    return this.#byId.get(id);
  }

  /** The record of `task`, made if there is none; nobody sees it before it has an admission. */
  ensure(task: Task): TaskRecord {
    const known = this.#byId.get(task.id);
    if (known !== undefined) return known;
    const record = new TaskRecord(task, this.#options.makeLog(), this.#nextOrder);
    this.#nextOrder += 1;
    this.#arrivals.push(record);
    this.#orders.push(record.order);
    this.#byId.set(task.id, record);
    return record;
  }

  /** Forgets a task that was refused, or an ended one. */
  remove(record: TaskRecord): void {
    if (!this.#byId.delete(record.task.id)) return;
    this.#arrivals[this.#placeOf(record.order)] = undefined;
    this.#holes += 1;
    if (this.#holes >= COMPACT_COUNT && this.#holes * 2 >= this.#arrivals.length) this.#compact();
  }

  /** Keeps an ended task readable until too many newer ones have ended. */
  retire(record: TaskRecord): void {
    this.#ended.push(record);
    this.#transcriptBytes += transcriptBytes(record);
    const { endedTasks, transcriptBytes: maxBytes } = this.#options.retention;
    while (this.#ended.length - this.#endedHead > endedTasks || this.#transcriptBytes > maxBytes) this.#dropOldest();
  }

  /** Every admitted task that has not ended. */
  *live(): Generator<TaskRecord> {
    for (const record of this.#arrivals) {
      if (record?.admission !== undefined && !record.ended) yield record;
    }
  }

  /** Newest first. A cursor of a task that is gone continues where it stood. */
  list(query: TaskQuery, only: (record: TaskRecord) => boolean = () => true): RecordPage {
    const before = query.cursor === undefined ? Infinity : Number(query.cursor);
    const records: TaskRecord[] = [];
    for (let place = this.#placeOf(before) - 1; place >= 0; place -= 1) {
      const record = this.#arrivals[place];
      if (record === undefined || !matches(record, query) || !only(record)) continue;
      const last = records.at(-1);
      if (records.length === query.limit && last !== undefined) return { records, nextCursor: String(last.order) };
      records.push(record);
    }
    return { records };
  }

  #dropOldest(): void {
    const record = this.#ended[this.#endedHead];
    if (record === undefined) return;
    this.#ended[this.#endedHead] = undefined;
    this.#endedHead += 1;
    this.#transcriptBytes -= transcriptBytes(record);
    this.remove(record);
    if (this.#endedHead >= COMPACT_COUNT && this.#endedHead * 2 >= this.#ended.length) {
      this.#ended = this.#ended.slice(this.#endedHead);
      this.#endedHead = 0;
    }
  }

  /** Place of the first record of at least this order. */
  #placeOf(order: number): number {
    let from = 0;
    let to = this.#orders.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#orders[middle] ?? 0) < order) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #compact(): void {
    this.#arrivals = this.#arrivals.filter((record) => record !== undefined);
    this.#orders = this.#arrivals.map((record) => record?.order ?? 0);
    this.#holes = 0;
  }
}

function matches(record: TaskRecord, query: TaskQuery): boolean {
  const { task, state, admission } = record;
  if (admission === undefined) return false;
  if (query.state !== undefined && query.state !== state) return false;
  if (query.poolId !== undefined && query.poolId !== task.poolId) return false;
  if (query.sessionId !== undefined && query.sessionId !== task.sessionId) return false;
  if (query.keyId !== undefined && query.keyId !== task.keyId) return false;
  return query.priority === undefined || query.priority === task.priority;
}

/** ORCH-3482: what was asked counts as well as what came of it, for an ended task holds both. */
function transcriptBytes(record: TaskRecord): number {
  const textBytes = record.task.sizeBytes + record.log.bytes;
  if (record.products === NO_PRODUCTS) return textBytes;
  const { embeddings = [], scores = [], toolCalls = [] } = record.products;
  const numbers = embeddings.reduce((sum, vector) => sum + vector.length, scores.length);
  const callBytes = toolCalls.reduce((sum, call) => sum + call.arguments.length, 0);
  return textBytes + callBytes + numbers * NUMBER_BYTES;
}
