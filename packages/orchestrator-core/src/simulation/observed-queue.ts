// SPDX-License-Identifier: MIT
import type { Admission, CancelOutcome, Lease, QueueSnapshot, SettleOutcome, TaskQueue } from '../queue/task-queue.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Task, TaskEnd } from '../task/task.ts';
import type { Referee } from './referee.ts';

interface Entry {
  readonly task: Task;
  readonly order: number;
  waits: boolean;
  leased: boolean;
  /** Turn in which it last began to wait. */
  since: number;
}

/** Sees every answer of a queue and checks the order in which it gives tasks out. */
export class ObservedQueue implements TaskQueue {
  readonly #inner: TaskQueue;
  readonly #referee: Referee;
  readonly #entries = new Map<TaskId, Entry>();
  readonly #releases = new Map<PoolId, number>();
  #claims: Entry[] = [];
  #order = 0;
  #turn = 0;
  /** Tasks whose cancel by a client the queue has decided. */
  readonly canceled = new Set<TaskId>();

  constructor(inner: TaskQueue, referee: Referee) {
    this.#inner = inner;
    this.#referee = referee;
  }

  async admit(task: Task): Promise<Admission> {
    const order = this.#order;
    this.#order += 1;
    const entry = { task, order, waits: false, leased: false, since: this.#turn };
    const known = this.#entries.has(task.id);
    if (!known) this.#entries.set(task.id, entry);
    const admission = await this.#inner.admit(task);
    if (admission.outcome === 'accepted') {
      this.#referee.demand(!known, `Task ${task.id} was accepted twice.`);
      entry.waits = !entry.leased && this.#entries.get(task.id) === entry;
      for (const evicted of admission.evicted) this.#gone(evicted);
    } else if (!known) {
      this.#entries.delete(task.id);
    }
    return admission;
  }

  async claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    const lease = await this.#inner.claim(poolId, signal);
    if (lease === undefined) return undefined;
    const entry = this.#entries.get(lease.task.id);
    this.#referee.demand(entry !== undefined, `Task ${lease.task.id} was claimed after its end.`);
    this.#referee.demand(!entry.leased, `Task ${lease.task.id} was claimed twice at once.`);
    this.#referee.demand(!this.canceled.has(lease.task.id), `Task ${lease.task.id} was claimed after its cancel.`);
    this.#referee.demand(lease.task.poolId === poolId, `Task ${lease.task.id} was claimed by another pool.`);
    entry.leased = true;
    entry.waits = false;
    this.#claims.push(entry);
    return lease;
  }

  async settle(lease: Lease, end: TaskEnd): Promise<SettleOutcome> {
    const outcome = await this.#inner.settle(lease, end);
    if (outcome === 'done') this.#gone(lease.task.id);
    return outcome;
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    const entry = this.#entries.get(lease.task.id);
    if (entry !== undefined) {
      entry.leased = false;
      entry.waits = true;
      entry.since = this.#turn;
      this.#releases.set(entry.task.poolId, (this.#releases.get(entry.task.poolId) ?? 0) + 1);
    }
    const outcome = await this.#inner.release(lease);
    if (outcome === 'superseded') this.#gone(lease.task.id);
    return outcome;
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    const outcome = await this.#inner.cancel(id, reason);
    if (outcome !== 'removed' && outcome !== 'signaled') return outcome;
    if (reason === 'client') this.canceled.add(id);
    this.#gone(id);
    return outcome;
  }

  position(id: TaskId): Promise<number | undefined> {
    return this.#inner.position(id);
  }

  snapshot(poolId: PoolId): Promise<QueueSnapshot> {
    return this.#inner.snapshot(poolId);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** How many tasks of a pool came back since the last call. */
  takeReleaseCount(poolId: PoolId): number {
    const count = this.#releases.get(poolId) ?? 0;
    this.#releases.delete(poolId);
    return count;
  }

  /**
   * Call when everything is at rest: checks the claims since the last call. Answers of a queue arrive late, so only what
   * stood still is compared: a task that waited all the time must not have been passed by a younger one of its kind.
   */
  checkOrder(): void {
    const claims = this.#claims;
    this.#claims = [];
    for (const [place, entry] of claims.entries()) {
      for (const other of this.#entries.values()) {
        const passed = other.waits && other.since < this.#turn && isSameLine(other, entry) && other.order < entry.order;
        this.#referee.demand(!passed, `Task ${entry.task.id} was claimed before the older ${other.task.id}.`);
      }
      for (const later of claims.slice(place + 1)) {
        const passed = later.since < this.#turn && isSameLine(later, entry) && later.order < entry.order;
        this.#referee.demand(!passed, `Task ${entry.task.id} was claimed out of order.`);
      }
    }
    this.#turn += 1;
  }

  #gone(id: TaskId): void {
    this.#entries.delete(id);
  }
}

function isSameLine(a: Entry, b: Entry): boolean {
  return a.task.poolId === b.task.poolId && a.task.priority === b.task.priority;
}
