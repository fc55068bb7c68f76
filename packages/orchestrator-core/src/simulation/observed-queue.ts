// SPDX-License-Identifier: MIT
import type {
  AcceptedAdmission,
  Admission,
  CancelOutcome,
  Lease,
  PlaceInLine,
  QueueSnapshot,
  SettleOutcome,
  TaskQueue,
} from '../queue/task-queue.ts';
import type { TaskArchive } from '../store/task-store.ts';
import type { SteerOutcome, Steering } from '../queue/steering.ts';
import type { KeyId, PoolId, TaskId } from '../task/ids.ts';
import type { Priority, Task, TaskEnd } from '../task/task.ts';
import type { SimDisk } from './sim-disk.ts';
import type { Referee } from './referee.ts';

interface Entry {
  task: Task;
  /** Place in the order of admission, which is that of its session's turns. */
  readonly born: number;
  /** Place in its line. */
  order: number;
  /** Never given out, by this process or one before. */
  isFresh: boolean;
  waits: boolean;
  leased: boolean;
  /** Turn in which it last began to wait. */
  since: number;
}

/** Sees every answer of a queue and checks the order in which it gives tasks out. */
export class ObservedQueue implements TaskQueue {
  #inner: TaskQueue;
  readonly #referee: Referee;
  readonly #answersAtOnce: boolean;
  readonly #entries = new Map<TaskId, Entry>();
  /** Of every task ever seen, its place at first and after each move: what was not written comes back as it was. */
  readonly #orders = new Map<TaskId, number[]>();
  readonly #releases = new Map<PoolId, number>();
  /** Turn in which a pool was last told to pause. */
  readonly #pausedSince = new Map<PoolId, number>();
  /** Canceled tasks whose holders have not let go. */
  readonly #stopping = new Map<TaskId, Task>();
  #claims: Entry[] = [];
  #order = 0;
  #turn = 0;
  /** Tasks whose cancel by a client the queue has decided. */
  readonly canceled = new Set<TaskId>();
  /** Those of them that ran: from the decision on nobody may read a token of them. */
  readonly silenced = new Set<TaskId>();
  /** Tasks whose claim has been answered, where answers come later than decisions. */
  readonly held = new Set<TaskId>();

  /** `answersAtOnce`: nothing has to be written between a decision and its answer. */
  constructor(inner: TaskQueue, referee: Referee, answersAtOnce: boolean) {
    this.#answersAtOnce = answersAtOnce;
    this.#inner = inner;
    this.#referee = referee;
  }

  /** Another process goes on with what is on disk; what the one before knew besides is gone. */
  restart(inner: TaskQueue, disk: SimDisk): void {
    this.#inner = inner;
    this.#claims = [];
    const waiting = new Map(disk.waiting.map((row) => [row.task.id, row]));
    for (const id of this.#entries.keys()) if (!waiting.has(id)) this.#entries.delete(id);
    for (const [id, { task, moveCount }] of waiting) {
      this.#countRelease(task);
      const orders = this.#orders.get(id) ?? [];
      orders.splice(moveCount + 1);
      const [born = 0] = orders;
      const entry = {
        task,
        born,
        order: orders.at(-1) ?? 0,
        waits: true,
        leased: false,
        since: this.#turn,
        isFresh: false,
      };
      this.#entries.set(id, entry);
    }
    this.#stopping.clear();
    this.#pausedSince.clear();
    for (const id of disk.paused) this.#pausedSince.set(id, this.#turn);
    this.canceled.clear();
    this.silenced.clear();
    this.held.clear();
    for (const { task, end } of disk.ended) if (end?.outcome === 'canceled') this.canceled.add(task.id);
  }

  async admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission> {
    const order = this.#order;
    this.#order += 1;
    const entry = { task, born: order, order, waits: false, leased: false, since: this.#turn, isFresh: true };
    const known = this.#entries.has(task.id);
    if (!known) this.#entries.set(task.id, entry);
    if (!known) this.#orders.set(task.id, [order]);
    const admission = await this.#inner.admit(task, onDecided);
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
    const inner = this.#inner;
    const lease = await inner.claim(poolId, signal);
    // The process it was given to is gone.
    if (lease === undefined || inner !== this.#inner) return undefined;
    // The cancel of a task that was just given out may be answered first.
    if (lease.loss !== undefined) return lease;
    const entry = this.#entries.get(lease.task.id);
    this.#referee.demand(entry !== undefined, `Task ${lease.task.id} was claimed after its end.`);
    this.#referee.demand(!entry.leased, `Task ${lease.task.id} was claimed twice at once.`);
    this.#referee.demand(!this.canceled.has(lease.task.id), `Task ${lease.task.id} was claimed after its cancel.`);
    this.#referee.demand(lease.task.poolId === poolId, `Task ${lease.task.id} was claimed by another pool.`);
    entry.leased = true;
    entry.waits = false;
    entry.isFresh = false;
    // As it stood in line then: it may come back and be moved.
    this.#claims.push({ ...entry });
    return lease;
  }

  async settle(lease: Lease, end: TaskEnd, archive?: TaskArchive): Promise<SettleOutcome> {
    const outcome = await this.#inner.settle(lease, end, archive);
    if (outcome === 'done') this.#gone(lease.task.id);
    else this.#stopped(lease.task);
    return outcome;
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    this.held.delete(lease.task.id);
    const entry = this.#entries.get(lease.task.id);
    if (entry !== undefined) {
      entry.leased = false;
      entry.waits = true;
      entry.since = this.#turn;
      this.#countRelease(entry.task);
    }
    const outcome = await this.#inner.release(lease);
    if (outcome === 'superseded') {
      this.#gone(lease.task.id);
      this.#stopped(lease.task);
    }
    return outcome;
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    const task = this.#entries.get(id)?.task;
    const isHeld = this.#answersAtOnce || this.held.has(id);
    const outcome = await this.#inner.cancel(id, reason);
    if (outcome !== 'removed' && outcome !== 'signaled') return outcome;
    if (reason === 'client') this.canceled.add(id);
    if (outcome === 'signaled' && isHeld) this.silenced.add(id);
    if (outcome === 'signaled' && task !== undefined) this.#stopping.set(id, task);
    this.#gone(id);
    return outcome;
  }

  preview(task: Task): ReturnType<TaskQueue['preview']> {
    return this.#inner.preview(task);
  }

  async steer(steering: Steering): Promise<SteerOutcome> {
    // Taken before the answer, which comes later than the decision.
    const order = this.#order;
    this.#order += 1;
    const outcome = await this.#inner.steer(steering);
    if (steering.kind === 'pause') this.#pausedSince.set(steering.poolId, this.#turn);
    if (steering.kind === 'resume') this.#pausedSince.delete(steering.poolId);
    const entry = steering.kind === 'priority' ? this.#entries.get(steering.id) : undefined;
    if (outcome !== 'done' || steering.kind !== 'priority' || entry?.task.priority === steering.priority)
      return outcome;
    if (entry !== undefined) this.#move(entry, steering.priority, order);
    return outcome;
  }

  place(id: TaskId): Promise<PlaceInLine | undefined> {
    return this.#inner.place(id);
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
      const isPaused = (this.#pausedSince.get(entry.task.poolId) ?? Infinity) < this.#turn;
      this.#referee.demand(!isPaused, `Task ${entry.task.id} was claimed while its pool was paused.`);
      for (const other of this.#entries.values()) {
        const waited = other.waits && other.since < this.#turn && !this.#isPassedOver(other);
        const passed = waited && isSameLine(other, entry) && other.order < entry.order;
        this.#referee.demand(!passed, `Task ${entry.task.id} was claimed before the older ${other.task.id}.`);
        const isTurn = other.task.sessionId === undefined || other.task.sessionId !== entry.task.sessionId;
        this.#referee.demand(
          isTurn || other.born >= entry.born,
          `Task ${entry.task.id} took the turn of ${other.task.id}.`,
        );
      }
      for (const later of claims.slice(place + 1)) {
        const passed = later.since < this.#turn && isSameLine(later, entry) && later.order < entry.order;
        this.#referee.demand(!passed, `Task ${entry.task.id} was claimed out of order`);
      }
    }
    this.#turn += 1;
  }

  /** How many tasks of each key run, and how many wait that never ran. */
  countByKey(): ReadonlyMap<KeyId, { readonly running: number; readonly fresh: number }> {
    const counts = new Map<KeyId, { running: number; fresh: number }>();
    for (const { task, leased, waits, isFresh } of this.#entries.values()) {
      if (task.keyId === undefined) continue;
      const count = counts.get(task.keyId) ?? { running: 0, fresh: 0 };
      count.running += leased ? 1 : 0;
      count.fresh += waits && isFresh ? 1 : 0;
      counts.set(task.keyId, count);
    }
    return counts;
  }

  /** It stands behind all others now. */
  #move(entry: Entry, priority: Priority, order: number): void {
    entry.task = { ...entry.task, priority };
    entry.order = order;
    entry.since = this.#turn;
    this.#orders.get(entry.task.id)?.push(entry.order);
  }

  #countRelease({ poolId }: Task): void {
    this.#releases.set(poolId, (this.#releases.get(poolId) ?? 0) + 1);
  }

  #gone(id: TaskId): void {
    const task = this.#entries.get(id)?.task;
    this.#entries.delete(id);
    if (task !== undefined) this.#passTurn(task);
  }

  #stopped(task: Task): void {
    if (this.#stopping.delete(task.id)) this.#passTurn(task);
  }

  /** A younger turn of its session may have come on by that. */
  #passTurn({ sessionId }: Task): void {
    if (sessionId === undefined) return;
    // A claim may be answered before the end that it follows.
    for (const entry of [...this.#entries.values(), ...this.#claims]) {
      if (entry.task.sessionId === sessionId) entry.since = this.#turn;
    }
  }

  /** ORCH-1301: an older turn of its session is there. */
  #isPassedOver({ task: { sessionId }, born }: Entry): boolean {
    if (sessionId === undefined) return false;
    for (const stopping of this.#stopping.values()) if (stopping.sessionId === sessionId) return true;
    for (const { task, born: older } of this.#entries.values()) {
      if (task.sessionId === sessionId && older < born) return true;
    }
    return false;
  }
}

function isSameLine(a: Entry, b: Entry): boolean {
  const [one, other] = [a.task, b.task];
  return one.poolId === other.poolId && one.priority === other.priority && one.keyId === other.keyId;
}
