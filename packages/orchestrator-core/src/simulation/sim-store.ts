// SPDX-License-Identifier: MIT
import type { TaskQuery } from '../orchestrator-api.ts';
import type { Clock } from '../ports.ts';
import type { MemoryTaskQueueOptions } from '../queue/memory-queue-options.ts';
import { createMemoryTaskQueue } from '../queue/memory-task-queue.ts';
import type { QueueJournal } from '../queue/queue-journal.ts';
import type { SteerOutcome, Steering } from '../queue/steering.ts';
import type {
  AcceptedAdmission,
  Admission,
  CancelOutcome,
  Lease,
  Settlement,
  SettleOutcome,
  TaskQueue,
} from '../queue/task-queue.ts';
import type { ArchivePage, DeliveredPrefix, KeptKey, KeptSession, Recovery, TaskArchive } from '../store/task-store.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { PoolId, SessionId, TaskId } from '../task/ids.ts';
import type { AdmissionAnswer, JobAttempt, Task } from '../task/task.ts';
import type { DiskRow, SimDisk } from './sim-disk.ts';

/** What a store is made with. */
export interface SimStoreOptions extends Pick<MemoryTaskQueueOptions, 'limits' | 'retention' | 'keyRules'> {
  readonly disk: SimDisk;
  readonly clock: Clock;
  /** How long the next commit takes, in milliseconds; absent: it is done at once. */
  readonly commitMs?: () => number;
  /** A claim was answered. */
  readonly onClaimed?: (id: TaskId) => void;
  /** Puts something around the queue that decides. */
  readonly wrap?: (queue: TaskQueue) => TaskQueue;
}

/** What a killed process is answered. */
const NEVER: Promise<never> = Promise.withResolvers<never>().promise;

/** Something to be written. */
type Write = () => void;

interface Batch {
  readonly writes: Write[];
  readonly done: PromiseWithResolvers<undefined>;
}

/**
 * A queue and a store on a simulated disk: everything asked for is written in batches, one after the other, and answered
 * once it is written. {@link crash} ends it as a killed process ends: what was not written is gone, and nothing is answered.
 */
export class SimStore implements TaskStore, TaskQueue, QueueJournal {
  readonly #disk: SimDisk;
  readonly #options: SimStoreOptions;
  readonly #queue: TaskQueue;
  #inFlight: Batch | undefined;
  #next: Batch = openBatch();
  #dead = false;

  constructor(options: SimStoreOptions) {
    this.#options = options;
    this.#disk = options.disk;
    const { limits, retention, keyRules, disk } = options;
    const waiting = disk.waiting.map(({ task, epoch }) => ({ task, epoch }));
    const ended = disk.ended.map(({ task, end }) => ({
      id: task.id,
      fingerprint: task.fingerprint,
      outcome: end?.outcome ?? 'failed',
      settledEpoch: end?.settledEpoch,
    }));
    const queue = createMemoryTaskQueue({
      limits,
      retention,
      ...(keyRules === undefined ? {} : { keyRules }),
      journal: this,
      contents: { waiting, ended, paused: [...disk.paused], bursts: disk.bursts },
    });
    this.#queue = options.wrap?.(queue) ?? queue;
  }

  /** The process is killed. `keepsInFlight`: the batch on its way had reached the disk. */
  crash(keepsInFlight: boolean): void {
    this.#dead = true;
    if (keepsInFlight) for (const write of this.#inFlight?.writes ?? []) write();
  }

  async admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission> {
    if (this.#dead) return NEVER;
    return this.#afterCommit(this.#queue.admit(task, onDecided));
  }

  async claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    if (this.#dead) return NEVER;
    const lease = await this.#queue.claim(poolId, signal);
    if (lease === undefined) return undefined;
    await this.#afterCommit(undefined);
    this.#options.onClaimed?.(lease.task.id);
    return lease;
  }

  async settle(lease: Lease, end: Settlement, archive?: TaskArchive): Promise<SettleOutcome> {
    if (this.#dead) return NEVER;
    const outcome = this.#queue.settle(lease, end, archive);
    if (archive !== undefined) this.keepArchive(archive);
    return this.#afterCommit(outcome);
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    if (this.#dead) return NEVER;
    return this.#afterCommit(this.#queue.release(lease));
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    if (this.#dead) return NEVER;
    return this.#afterCommit(this.#queue.cancel(id, reason));
  }

  preview(task: Task): ReturnType<TaskQueue['preview']> {
    return this.#queue.preview(task);
  }

  async steer(steering: Steering): Promise<SteerOutcome> {
    if (this.#dead) return NEVER;
    return this.#afterCommit(this.#queue.steer(steering));
  }

  place(id: TaskId): ReturnType<TaskQueue['place']> {
    return this.#queue.place(id);
  }

  snapshot(poolId: PoolId): ReturnType<TaskQueue['snapshot']> {
    return this.#queue.snapshot(poolId);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  admitted(task: Task, position: number, evicted: readonly TaskId[]): void {
    this.#write(() => {
      for (const id of evicted) this.#endRow(id, { outcome: 'evicted' });
      const order = this.#disk.takeOrder();
      this.#disk.rows.set(task.id, { task, position, order, epoch: 0, attempts: 0, moveCount: 0 });
    });
  }

  claimed(id: TaskId, epoch: number): void {
    this.#change(id, (row) => {
      row.epoch = epoch;
      row.attempts += 1;
    });
  }

  burst(poolId: PoolId, count: number): void {
    this.#write(() => this.#disk.bursts.set(poolId, count));
  }

  released(id: TaskId, epoch: number): void {
    this.#change(id, (row) => {
      if (row.epoch === epoch) row.attempts -= 1;
    });
  }

  steered(steering: Steering): void {
    if (steering.kind === 'priority') {
      const { id, priority } = steering;
      this.#change(id, (row) => {
        row.task = { ...row.task, priority };
        row.order = this.#disk.takeOrder();
        row.moveCount += 1;
      });
    } else {
      const { kind, poolId } = steering;
      this.#write(() => (kind === 'pause' ? this.#disk.paused.add(poolId) : this.#disk.paused.delete(poolId)));
    }
  }

  ended(id: TaskId, end: NonNullable<DiskRow['end']>): void {
    this.#write(() => this.#endRow(id, end));
  }

  async recover(): Promise<Recovery> {
    return this.#disk.recovery();
  }

  async keepAdmission(answer: AdmissionAnswer): Promise<void> {
    if (this.#dead) return NEVER;
    this.#write(() => {
      const row = this.#disk.rows.get(answer.taskId);
      // Also where the task was evicted meanwhile: its answer was told.
      if (row !== undefined) row.admission ??= answer;
    });
    await this.#afterCommit(undefined);
  }

  async keepAttempts({ task, epoch }: Lease, attempts: readonly JobAttempt[]): Promise<void> {
    if (this.#dead) return NEVER;
    this.#change(task.id, (row) => {
      if (row.epoch === epoch) row.runs = attempts;
    });
    await this.#afterCommit(undefined);
  }

  keepProgress({ task, epoch }: Lease, delivered: DeliveredPrefix): void {
    this.#change(task.id, (row) => {
      if (row.epoch === epoch) row.delivered = delivered;
    });
  }

  keepArchive(archive: TaskArchive): void {
    this.#write(() => {
      const row = this.#disk.rows.get(archive.task.id);
      if (row?.end !== undefined) row.archive ??= archive;
    });
  }

  keepSession(id: SessionId, session: KeptSession | undefined): void {
    this.#write(() => {
      if (session === undefined) this.#disk.sessions.delete(id);
      else this.#disk.sessions.set(id, session);
    });
  }

  keepKey(key: KeptKey): void {
    this.#write(() => this.#disk.keys.set(key.id, key));
  }

  keepStatistics(poolId: PoolId, statistics: string): void {
    this.#write(() => this.#disk.statistics.set(poolId, statistics));
  }

  async archive(id: TaskId): Promise<TaskArchive | undefined> {
    const row = this.#disk.rows.get(id);
    return row && this.#disk.archiveOf(row);
  }

  async listArchives({ cursor, limit, state, poolId, sessionId, priority, keyId }: TaskQuery): Promise<ArchivePage> {
    const before = cursor === undefined ? Infinity : Number(cursor);
    const fits = ({ task, end, order }: DiskRow): boolean =>
      order < before &&
      (state === undefined || end?.outcome === state) &&
      (poolId === undefined || task.poolId === poolId) &&
      (sessionId === undefined || task.sessionId === sessionId) &&
      (keyId === undefined || task.keyId === keyId) &&
      (priority === undefined || task.priority === priority);
    const rows = this.#disk.ended.filter(fits).sort((a, b) => b.order - a.order);
    const page = rows.slice(0, limit);
    const archives = page.map((row) => this.#disk.archiveOf(row)).filter((archive) => archive !== undefined);
    return { archives, ...(rows.length > limit ? { nextCursor: String(page.at(-1)?.order) } : {}) };
  }

  #endRow(id: TaskId, end: NonNullable<DiskRow['end']>): void {
    const row = this.#disk.rows.get(id);
    if (row === undefined || row.end !== undefined) return;
    row.end = end;
    if (end.archive !== undefined) row.archive = end.archive;
    this.#disk.ended.push(row);
  }

  #change(id: TaskId, change: (row: DiskRow) => unknown): void {
    this.#write(() => {
      const row = this.#disk.rows.get(id);
      if (row !== undefined && row.end === undefined) change(row);
    });
  }

  #write(write: Write): void {
    this.#next.writes.push(write);
    // What is asked for in the same turn is to ride along.
    if (this.#inFlight === undefined && this.#next.writes.length === 1) queueMicrotask(() => this.#commit());
  }

  #commit(): void {
    if (this.#dead || this.#inFlight !== undefined || this.#next.writes.length === 0) return;
    const batch = this.#next;
    this.#inFlight = batch;
    this.#next = openBatch();
    const delayMs = this.#options.commitMs?.();
    if (delayMs === undefined) this.#land(batch);
    else this.#options.clock.setTimer(delayMs, () => this.#land(batch));
  }

  #land(batch: Batch): void {
    if (this.#dead) return;
    for (const write of batch.writes) write();
    this.#inFlight = undefined;
    batch.done.resolve(undefined);
    this.#commit();
  }

  /** Resolves with `answer` once everything asked for so far is on disk; never after a crash. */
  async #afterCommit<T>(answer: T | Promise<T>): Promise<T> {
    const batch = this.#next.writes.length > 0 ? this.#next : this.#inFlight;
    await batch?.done.promise;
    return this.#dead ? NEVER : answer;
  }
}

function openBatch(): Batch {
  return { writes: [], done: Promise.withResolvers() };
}
