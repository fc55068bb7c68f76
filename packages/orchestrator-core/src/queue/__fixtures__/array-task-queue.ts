// SPDX-License-Identifier: MIT
import type { PoolId, TaskId } from '../../task/ids.ts';
import { HeldLease } from '../held-lease.ts';
import type { SteerOutcome, Steering } from '../steering.ts';
import { PRIORITIES, type Priority, type Task, type TaskEnd } from '../../task/task.ts';
import { ArrayRound, keyOf } from './array-round.ts';
import type {
  AcceptedAdmission,
  Admission,
  CancelOutcome,
  Lease,
  PlaceInLine,
  QueueHold,
  QueueLimits,
  Preview,
  QueueSnapshot,
  Settlement,
  SettleOutcome,
  TaskQueue,
} from '../task-queue.ts';

/** A way in which a queue can be broken. */
export type Flaw =
  | 'bound-plus-one'
  | 'bound-minus-one'
  | 'bytes-never-freed'
  | 'burst-ignored'
  | 'burst-counts-always'
  | 'cancel-is-silent'
  | 'check-then-steer'
  | 'pause-leaks'
  | 'pause-refuses'
  | 'resume-wakes-no-one'
  | 'steer-exceeds-the-bound'
  | 'steer-keeps-the-place'
  | 'steer-moves-what-runs'
  | 'canceled-task-still-waits'
  | 'check-then-cancel'
  | 'check-then-store'
  | 'claims-last-come-first-served'
  | 'close-empties'
  | 'deadline-ends-running'
  | 'double-dispatch'
  | 'ended-id-forgotten'
  | 'epoch-stands-still'
  | 'evicts-before-refusing'
  | 'evicted-still-waits'
  | 'fence-is-silent'
  | 'fingerprint-ignored'
  | 'keys-in-order-of-arrival'
  | 'keys-not-settled'
  | 'last-in-first-out'
  | 'aborted-claim-swallows'
  | 'places-not-passed-on'
  | 'pools-share-bounds'
  | 'position-ignores-batch'
  | 'preview-stays'
  | 'refused-id-stays'
  | 'release-goes-to-the-back'
  | 'release-wakes-no-one'
  | 'second-settle-refused'
  | 'session-blocks-the-line'
  | 'session-forgets-the-stopping'
  | 'session-turns-overlap'
  | 'session-turns-swap'
  | 'session-wakes-no-one'
  | 'settle-beats-cancel'
  | 'shed-takes-oldest'
  | 'snapshot-is-torn'
  | 'stale-epoch-accepted'
  | 'victim-is-newest'
  | 'victim-of-highest-priority';

interface Row {
  task: Task;
  state: 'waiting' | 'leased' | 'ended';
  order: number;
  epoch: number;
  outcome?: TaskEnd['outcome'];
  settledEpoch?: number;
  lease?: HeldLease;
  /** Canceled, and its holder has not let go. */
  stopping?: boolean;
  /** What its key was charged when it was given out. */
  charged?: number;
}

interface Waiter {
  readonly poolId: PoolId;
  readonly answer: (lease: Lease | undefined) => void;
}

/**
 * The queue as its specification reads: one array, searched from end to end, nothing clever and nothing forgotten. It is
 * the model of the property test; with a flaw it is what the exercise must refuse. Its leases expire when told to.
 */
export class ArrayTaskQueue implements TaskQueue {
  readonly #limits: (poolId: PoolId) => QueueLimits;
  readonly #flaw: Flaw | undefined;
  #rows: Row[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #bursts = new Map<PoolId, number>();
  readonly #rounds = new Map<string, ArrayRound>();
  #order = 0;
  readonly #paused = new Set<PoolId>();
  #closed = false;

  constructor(limits: (poolId: PoolId) => QueueLimits, flaw?: Flaw) {
    this.#limits = limits;
    this.#flaw = flaw;
  }

  async admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission> {
    if (this.#closed) return { outcome: 'closed' };
    const known = this.#find(task.id);
    if (known !== undefined && !(this.#flaw === 'ended-id-forgotten' && known.state === 'ended')) {
      const same = this.#flaw === 'fingerprint-ignored' || known.task.fingerprint === task.fingerprint;
      return { outcome: same ? 'repeated' : 'conflict' };
    }
    if (this.#paused.has(task.poolId) && this.#flaw === 'pause-refuses') return { outcome: 'full', limit: 'tasks' };
    const victims = this.#victimsFor(task);
    if (this.#flaw === 'check-then-store') await pause();
    if (victims === 'tasks' || victims === 'bytes') {
      if (this.#flaw === 'refused-id-stays') this.#rows.push({ task, state: 'ended', order: -1, epoch: 0 });
      return { outcome: 'full', limit: victims };
    }
    if (this.#flaw !== 'evicted-still-waits') for (const victim of victims) end(victim, 'evicted');
    this.#look();
    const row: Row = { task, state: 'waiting', order: this.#order++, epoch: 0 };
    this.#rows.push(row);
    this.#look();
    const position = this.#positionOf(row);
    this.#serveAll();
    const admission: AcceptedAdmission = {
      outcome: 'accepted',
      position,
      place: this.#placeOf(row),
      leasedCount: this.#leased(task.poolId),
      evicted: victims.map(({ task: { id } }) => id),
    };
    onDecided?.(admission);
    return admission;
  }

  async preview(task: Task): Promise<Preview> {
    if (this.#closed) return { outcome: 'closed' };
    const known = this.#find(task.id);
    if (known !== undefined) return { outcome: known.task.fingerprint === task.fingerprint ? 'repeated' : 'conflict' };
    const victims = this.#victimsFor(task);
    if (victims === 'tasks' || victims === 'bytes') return { outcome: 'full', limit: victims };
    const row: Row = { task, state: 'waiting', order: this.#order, epoch: 0 };
    this.#rows.push(row);
    const position = this.#positionOf(row);
    const hold = this.#holdOf(row);
    if (this.#flaw !== 'preview-stays') this.#rows.pop();
    return { outcome: 'accepted', position, hold };
  }

  async claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    if (this.#closed || signal.aborted) return undefined;
    const lease = this.#lease(poolId);
    if (lease !== undefined) return lease;
    return new Promise((resolve) => {
      const waiter: Waiter = { poolId, answer: resolve };
      if (this.#flaw === 'claims-last-come-first-served') this.#waiters.unshift(waiter);
      else this.#waiters.push(waiter);
      signal.addEventListener('abort', () => {
        if (this.#flaw !== 'aborted-claim-swallows') drop(this.#waiters, waiter);
        resolve(undefined);
      });
    });
  }

  async settle(lease: Lease, { outcome, usedTokens }: Settlement): Promise<SettleOutcome> {
    const row = this.#held(lease);
    if (row !== undefined) {
      this.#charge(row, usedTokens);
      end(row, outcome, row.epoch);
      this.#look();
      if (this.#flaw !== 'session-wakes-no-one') this.#serveAll();
      return 'done';
    }
    this.#letGo(lease, usedTokens);
    if (this.#flaw === 'second-settle-refused') return 'superseded';
    const ended = this.#find(lease.task.id);
    if (this.#flaw === 'settle-beats-cancel' && ended?.outcome === 'canceled') return 'done';
    return ended?.settledEpoch === lease.epoch && ended.outcome === outcome ? 'done' : 'superseded';
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    const row = this.#held(lease);
    if (row === undefined) {
      this.#letGo(lease);
      return 'superseded';
    }
    this.#putBack(row);
    return 'done';
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    const row = this.#find(id);
    if (row === undefined) return 'unknown';
    const { state } = row;
    if (this.#flaw === 'check-then-cancel') await pause();
    if (state === 'ended') return 'ended';
    if (state === 'waiting') {
      if (this.#flaw !== 'canceled-task-still-waits') end(row, reason === 'client' ? 'canceled' : 'failed');
      this.#look();
      this.#serveAll();
      return 'removed';
    }
    if (reason === 'deadline' && this.#flaw !== 'deadline-ends-running') return 'running';
    end(row, 'canceled');
    row.stopping = this.#flaw !== 'session-forgets-the-stopping';
    if (!row.stopping) this.#serveAll();
    if (this.#flaw !== 'cancel-is-silent') row.lease?.lose('canceled');
    return 'signaled';
  }

  async steer(steering: Steering): Promise<SteerOutcome> {
    if (steering.kind === 'priority') return this.#reprioritize(steering.id, steering.priority);
    if (steering.kind === 'pause') this.#paused.add(steering.poolId);
    else this.#paused.delete(steering.poolId);
    if (this.#flaw !== 'resume-wakes-no-one') this.#serveAll();
    return 'done';
  }

  async place(id: TaskId): Promise<PlaceInLine | undefined> {
    const row = this.#find(id);
    return row && this.#placeOf(row);
  }

  #placeOf(row: Row): PlaceInLine | undefined {
    if (row.state !== 'waiting') return undefined;
    const hold = this.#holdOf(row);
    return { position: this.#positionOf(row), ...(hold === undefined ? {} : { hold }) };
  }

  #leased(poolId: PoolId): number {
    return this.#rows.filter(({ task, state }) => task.poolId === poolId && state === 'leased').length;
  }

  #holdOf(row: Row): QueueHold | undefined {
    if (this.#olderTurns(row).length > 0) return 'session_turn';
    if (this.#paused.has(row.task.poolId)) return 'pool_paused';
    const ready = this.#ready(row.task.poolId, row.task.priority);
    const isHead = ready.find((other) => keyOf(other) === keyOf(row)) === row;
    const next = ready.length > 0 && this.#pick(ready, this.#roundOf(row.task.poolId, row.task.priority).copy()).row;
    return isHead && next !== row ? 'fair_share' : undefined;
  }

  async snapshot(poolId: PoolId): Promise<QueueSnapshot> {
    const interactive = this.#waiting(poolId, 'interactive');
    const batch = this.#waiting(poolId, 'batch');
    if (this.#flaw === 'snapshot-is-torn') await pause();
    return {
      waiting: { interactive: interactive.length, batch: batch.length },
      leased: this.#leased(poolId),
      waitingBytes: bytesOf([...interactive, ...batch]),
      paused: this.#paused.has(poolId),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#flaw === 'close-empties') this.#rows = [];
    for (const { answer } of this.#waiters.splice(0)) answer(undefined);
  }

  /** Takes the lease from its holder. */
  async expire(lease: Lease): Promise<void> {
    const row = this.#held(lease);
    if (row === undefined) return;
    if (this.#flaw !== 'fence-is-silent') row.lease?.lose('fenced');
    this.#putBack(row);
  }

  async #reprioritize(id: TaskId, priority: Priority): Promise<SteerOutcome> {
    const row = this.#find(id);
    if (row === undefined) return 'unknown';
    const { state, task } = row;
    if (this.#flaw === 'check-then-steer') await pause();
    if (state === 'ended') return 'ended';
    if (state === 'leased' && this.#flaw !== 'steer-moves-what-runs') return 'leased';
    if (task.priority === priority) return 'done';
    const { maxTasks } = this.#limits(task.poolId);
    const others = this.#crowd(task).filter((other) => other !== row);
    const interactive = others.filter((other) => other.task.priority === 'interactive').length;
    const taken = Math.max(0, interactive - maxTasks.interactive);
    const size = priority === 'interactive' ? interactive : others.length - interactive + taken;
    if (size >= maxTasks[priority] && this.#flaw !== 'steer-exceeds-the-bound') return 'full';
    row.task = { ...task, priority };
    if (this.#flaw !== 'steer-keeps-the-place') row.order = this.#order++;
    this.#look();
    return 'done';
  }

  #find(id: TaskId): Row | undefined {
    return this.#rows.findLast(({ task }) => task.id === id);
  }

  /** The turns of its session that come before it. */
  #olderTurns(row: Row): Row[] {
    const { sessionId } = row.task;
    if (sessionId === undefined || this.#flaw === 'session-turns-overlap') return [];
    const there = this.#rows.filter(
      ({ task, state, stopping }) => task.sessionId === sessionId && (state !== 'ended' || stopping),
    );
    const place = there.indexOf(row);
    if (this.#flaw === 'session-turns-swap') {
      return there.filter((other, i) => other.state === 'leased' || (row.state === 'waiting' && i > place));
    }
    return there.slice(0, place);
  }

  #ready(poolId: PoolId, priority: Priority): Row[] {
    const rows = this.#waiting(poolId, priority);
    if (this.#flaw !== 'session-blocks-the-line') return rows.filter((row) => this.#olderTurns(row).length === 0);
    const end = rows.findIndex((row) => this.#olderTurns(row).length > 0);
    return end < 0 ? rows : rows.slice(0, end);
  }

  /** The holder of a canceled task has stopped. */
  #letGo({ task, epoch }: Lease, usedTokens?: number): void {
    const row = this.#find(task.id);
    if (row?.stopping !== true || row.epoch !== epoch) return;
    row.stopping = false;
    if (task.sessionId !== undefined || task.keyId !== undefined) this.#charge(row, usedTokens);
    this.#look();
    this.#serveAll();
  }

  #waiting(poolId: PoolId, priority: Priority): Row[] {
    return this.#rows
      .filter(({ task, state }) => state === 'waiting' && task.poolId === poolId && task.priority === priority)
      .sort((a, b) => (this.#flaw === 'last-in-first-out' ? b.order - a.order : a.order - b.order));
  }

  #victimsFor(task: Task): Row[] | 'tasks' | 'bytes' {
    const { maxTasks, maxBytes, fullPolicy } = this.#limits(task.poolId);
    const victims: Row[] = [];
    for (;;) {
      const rows = this.#crowd(task).filter((row) => !victims.includes(row));
      const counted = this.#flaw === 'bytes-never-freed' ? this.#rows : rows;
      const bytesFit = bytesOf(counted) + task.sizeBytes <= maxBytes;
      const interactive = rows.filter((row) => row.task.priority === 'interactive').length;
      const taken = this.#flaw === 'places-not-passed-on' ? 0 : Math.max(0, interactive - maxTasks.interactive);
      const shift = { 'bound-plus-one': 1, 'bound-minus-one': -1 }[this.#flaw as string] ?? 0;
      const hasPlace =
        task.priority === 'interactive'
          ? interactive < maxTasks.interactive + shift
          : rows.length - interactive + taken < maxTasks.batch + shift;
      // One for one: what was put back beyond the bound is not made up for by newcomers.
      const fits = hasPlace || victims.length > 0;
      if (fits && bytesFit) return victims;
      const victim = this.#nextVictim(task, fullPolicy, rows);
      if (victim === undefined) {
        if (this.#flaw === 'evicts-before-refusing') for (const row of victims) end(row, 'evicted');
        return this.#fullLimit(task);
      }
      victims.push(victim);
    }
  }

  /** What stands in the way before anything is evicted. */
  #fullLimit(task: Task): 'tasks' | 'bytes' {
    const { maxTasks, fullPolicy } = this.#limits(task.poolId);
    const rows = this.#crowd(task);
    const interactive = rows.filter((row) => row.task.priority === 'interactive').length;
    const crowded =
      task.priority === 'interactive'
        ? interactive >= maxTasks.interactive
        : rows.length - interactive + Math.max(0, interactive - maxTasks.interactive) >= maxTasks.batch;
    return crowded && this.#nextVictim(task, fullPolicy, rows) === undefined ? 'tasks' : 'bytes';
  }

  #crowd({ poolId }: Task): Row[] {
    return this.#rows.filter(
      (row) => row.state === 'waiting' && (this.#flaw === 'pools-share-bounds' || row.task.poolId === poolId),
    );
  }

  #nextVictim(task: Task, policy: QueueLimits['fullPolicy'], rows: readonly Row[]): Row | undefined {
    const of = (priority: Priority): Row[] =>
      rows.filter((row) => row.task.priority === priority).sort((a, b) => a.order - b.order);
    if (policy === 'reject') return undefined;
    if (policy === 'shed-low-priority') {
      if (task.priority === 'batch') return undefined;
      return of('batch').at(this.#flaw === 'shed-takes-oldest' ? 0 : -1);
    }
    const end = this.#flaw === 'victim-is-newest' ? -1 : 0;
    if (this.#flaw === 'victim-of-highest-priority') return of('interactive').at(end) ?? of('batch').at(end);
    const batch = of('batch').at(end);
    return task.priority === 'batch' ? batch : (batch ?? of('interactive').at(end));
  }

  /** Which priority is next, and the burst after it. */
  #turn(waiting: Readonly<Record<Priority, number>>, burst: number, limit: number): readonly [Priority, number] {
    const limited = burst >= limit && this.#flaw !== 'burst-ignored';
    if (waiting.interactive === 0 || (waiting.batch > 0 && limited)) return ['batch', 0];
    return ['interactive', waiting.batch > 0 || this.#flaw === 'burst-counts-always' ? burst + 1 : 0];
  }

  /** Plays the claims to come; who is passed over starts where it stands, behind the waiting turns before it. */
  #positionOf(row: Row): number {
    const { poolId } = row.task;
    const counts = (other: Row): boolean => other === row || this.#olderTurns(other).length === 0;
    const interactive = this.#waiting(poolId, 'interactive').filter(counts);
    const batch = this.#waiting(poolId, 'batch').filter(counts);
    return this.#play(row, { interactive, batch }) + Math.max(0, this.#olderTurns(row).length - 1);
  }

  #play(row: Row, lines: Record<Priority, Row[]>): number {
    const { poolId } = row.task;
    if (this.#flaw === 'position-ignores-batch') return lines[row.task.priority].indexOf(row);
    const rounds = {
      interactive: this.#roundOf(poolId, 'interactive').copy(),
      batch: this.#roundOf(poolId, 'batch').copy(),
    };
    let burst = this.#bursts.get(poolId) ?? 0;
    for (let position = 0; ; position++) {
      const counts = { interactive: lines.interactive.length, batch: lines.batch.length };
      const [priority, burstAfter] = this.#turn(counts, burst, this.#limits(poolId).interactiveBurst);
      burst = burstAfter;
      const next = this.#pick(lines[priority], rounds[priority]).row;
      if (next === row) return position;
      drop(lines[priority], next);
    }
  }

  #lease(poolId: PoolId): Lease | undefined {
    if (this.#paused.has(poolId) && this.#flaw !== 'pause-leaks') return undefined;
    const ready = { interactive: this.#ready(poolId, 'interactive'), batch: this.#ready(poolId, 'batch') };
    const counts = { interactive: ready.interactive.length, batch: ready.batch.length };
    if (PRIORITIES.every((priority) => counts[priority] === 0)) return undefined;
    const [priority, burst] = this.#turn(counts, this.#bursts.get(poolId) ?? 0, this.#limits(poolId).interactiveBurst);
    this.#bursts.set(poolId, burst);
    const { row, charged } = this.#pick(ready[priority], this.#roundOf(poolId, priority));
    row.charged = charged;
    if (this.#flaw !== 'double-dispatch' || row.epoch > 0) row.state = 'leased';
    if (this.#flaw !== 'epoch-stands-still' || row.epoch === 0) row.epoch += 1;
    row.lease = new HeldLease(row.task, row.epoch);
    this.#look();
    return row.lease;
  }

  #pick(ready: readonly Row[], round: ArrayRound): { readonly row: Row; readonly charged: number } {
    return this.#flaw === 'keys-in-order-of-arrival' ? { row: ready[0]!, charged: 0 } : round.take(ready);
  }

  #roundOf(poolId: PoolId, priority: Priority): ArrayRound {
    const name = `${poolId} ${priority}`;
    const round = this.#rounds.get(name) ?? new ArrayRound(this.#limits(poolId).fairQuantumTokens);
    this.#rounds.set(name, round);
    return round;
  }

  /** Every round takes note of who may go. */
  #look(): void {
    for (const poolId of new Set(this.#rows.map(({ task }) => task.poolId))) {
      for (const priority of PRIORITIES) this.#roundOf(poolId, priority).look(this.#ready(poolId, priority));
    }
  }

  /** The guess becomes the truth. */
  #charge(row: Row, usedTokens: number | undefined): void {
    if (usedTokens === undefined || !row.charged || this.#flaw === 'keys-not-settled') return;
    this.#roundOf(row.task.poolId, row.task.priority).add(keyOf(row), row.charged - usedTokens);
    row.charged = 0;
  }

  #held(lease: Lease): Row | undefined {
    const row = this.#find(lease.task.id);
    const current = row?.epoch === lease.epoch || this.#flaw === 'stale-epoch-accepted';
    return row?.state === 'leased' && current ? row : undefined;
  }

  #putBack(row: Row): void {
    row.state = 'waiting';
    if (this.#flaw === 'release-goes-to-the-back') row.order = this.#order++;
    const { poolId, priority } = row.task;
    this.#roundOf(poolId, priority).putBack(row, row.charged ?? 0, this.#ready(poolId, priority));
    row.charged = 0;
    if (this.#flaw !== 'release-wakes-no-one') this.#serve(row.task.poolId);
  }

  #serveAll(): void {
    for (const poolId of new Set(this.#waiters.map((waiter) => waiter.poolId))) this.#serve(poolId);
  }

  #serve(poolId: PoolId): void {
    for (const waiter of this.#waiters.filter((candidate) => candidate.poolId === poolId)) {
      const lease = this.#lease(poolId);
      if (lease === undefined) return;
      drop(this.#waiters, waiter);
      waiter.answer(lease);
    }
  }
}

function end(row: Row, outcome: TaskEnd['outcome'], settledEpoch?: number): void {
  row.state = 'ended';
  row.outcome = outcome;
  if (settledEpoch !== undefined) row.settledEpoch = settledEpoch;
}

function bytesOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { task }) => sum + task.sizeBytes, 0);
}

function drop<T>(items: T[], item: T): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}

/** Long enough for another call to come between. */
async function pause(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}
