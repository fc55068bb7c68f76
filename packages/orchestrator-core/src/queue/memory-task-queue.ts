// SPDX-License-Identifier: MIT
import type { TaskArchive } from '../store/task-store.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Task } from '../task/task.ts';
import { EndedTasks } from './ended-tasks.ts';
import { HeldLease } from './held-lease.ts';
import { KeySlots } from './key-slots.ts';
import { newEntry, PoolQueue, type QueueEntry } from './pool-queue.ts';
import type { MemoryTaskQueueOptions } from './memory-queue-options.ts';
import type { DecidedEnd, QueueJournal } from './queue-journal.ts';
import { SessionTurns } from './session-turns.ts';
import type { SteerOutcome, Steering } from './steering.ts';
import { WaitingClaims } from './waiting-claims.ts';
import type {
  AcceptedAdmission,
  Admission,
  CancelOutcome,
  Lease,
  PlaceInLine,
  Preview,
  QueueLimits,
  QueueSnapshot,
  RefusedAdmission,
  Settlement,
  SettleOutcome,
  TaskQueue,
} from './task-queue.ts';

/**
 * The queue of one process, held in memory: the reference implementation of {@link TaskQueue}.
 *
 * Every outcome is decided synchronously inside the call, in the order of the calls; the promises only carry it. Leases
 * last until they are settled, released or canceled: a holder that dies takes the queue with it, so nothing is fenced.
 */
export function createMemoryTaskQueue(options: MemoryTaskQueueOptions): TaskQueue {
  return new MemoryTaskQueue(options);
}

class MemoryTaskQueue implements TaskQueue {
  readonly #limits: (poolId: PoolId) => QueueLimits;
  readonly #pools = new Map<PoolId, PoolQueue>();
  readonly #live = new Map<TaskId, QueueEntry>();
  readonly #turns = new SessionTurns<QueueEntry>();
  /** Tasks whose cancel is decided and whose holder has not let go: turns of a session, or of a key. */
  readonly #stopping = new Map<TaskId, QueueEntry>();
  readonly #keySlots: KeySlots;
  readonly #ended: EndedTasks;
  readonly #claims = new WaitingClaims();
  readonly #journal: QueueJournal | undefined;
  #closed = false;

  constructor({ limits, retention, keyRules, journal, contents }: MemoryTaskQueueOptions) {
    this.#limits = limits;
    this.#keySlots = new KeySlots(keyRules);
    this.#ended = new EndedTasks(retention.endedTasks);
    this.#journal = journal;
    for (const task of contents?.ended ?? []) this.#ended.add(task);
    const waiting = (contents?.waiting ?? []).map(({ task, epoch }) => this.#enter(task, epoch));
    this.#turns.joinAll(waiting);
    for (const entry of waiting) entry.pool.add(entry, !this.#turns.isOn(entry));
    for (const poolId of contents?.paused ?? []) this.#pool(poolId).setPaused(true);
    for (const [poolId, count] of contents?.bursts ?? []) this.#pool(poolId).burst = count;
  }

  admit(task: Task, onDecided?: (admission: AcceptedAdmission) => void): Promise<Admission> {
    const refusal = this.#whyNot(task);
    if (refusal !== undefined) return Promise.resolve(refusal);
    const pool = this.#pool(task.poolId);
    const room = pool.makeRoom(task);
    if (room.outcome === 'full') return Promise.resolve(room);
    const freed = room.victims.map((victim) => this.#remember(victim, { outcome: 'evicted' }));
    for (const next of freed) this.#unpark(next);
    const entry = this.#add(task, 0);
    const position = this.#positionOf(entry);
    const evicted = room.victims.map((victim) => victim.task.id);
    this.#journal?.admitted(task, position, evicted);
    this.#serveWaiters(task.poolId);
    for (const next of freed) if (next !== undefined) this.#serveWaiters(next.task.poolId);
    const place = entry.lease === undefined ? this.#standingOf(entry) : undefined;
    const admission = { outcome: 'accepted', position, place, leasedCount: pool.leasedCount, evicted } as const;
    onDecided?.(admission);
    return Promise.resolve(admission);
  }

  async preview(task: Task): Promise<Preview> {
    const refusal = this.#whyNot(task) ?? this.#pool(task.poolId).whyFull(task);
    if (refusal !== undefined) return refusal;
    // ORCH-3026: it stands in line for no longer than it takes to see where.
    const entry = this.#add(task, 0);
    const { position, hold } = this.#standingOf(entry);
    entry.pool.remove(entry);
    this.#turns.leave(entry);
    this.#live.delete(task.id);
    return { outcome: 'accepted', position, hold };
  }

  claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    if (this.#closed || signal.aborted) return Promise.resolve(undefined);
    const lease = this.#lease(poolId);
    return lease === undefined ? this.#claims.wait(poolId, signal) : Promise.resolve(lease);
  }

  settle(lease: Lease, { outcome, usedTokens }: Settlement, archive?: TaskArchive): Promise<SettleOutcome> {
    const entry = this.#heldUnder(lease);
    if (entry !== undefined) {
      entry.pool.forget(entry);
      if (usedTokens !== undefined) entry.pool.settle(entry, usedTokens);
      this.#end(entry, { outcome, settledEpoch: lease.epoch, archive });
      this.#freeSlot(entry);
      return Promise.resolve('done');
    }
    this.#letGo(lease, usedTokens);
    const ended = this.#ended.get(lease.task.id);
    return Promise.resolve(ended?.settledEpoch === lease.epoch && ended.outcome === outcome ? 'done' : 'superseded');
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    const entry = this.#heldUnder(lease);
    if (entry === undefined) {
      this.#letGo(lease);
      return 'superseded';
    }
    entry.lease = undefined;
    entry.pool.putBack(entry);
    this.#journal?.released(entry.task.id, entry.epoch);
    this.#freeSlot(entry);
    this.#serveWaiters(entry.task.poolId);
    return 'done';
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    const entry = this.#live.get(id);
    if (entry === undefined) return this.#ended.get(id) === undefined ? 'unknown' : 'ended';
    const { pool, lease } = entry;
    if (lease === undefined) {
      pool.remove(entry);
      this.#end(entry, { outcome: reason === 'client' ? 'canceled' : 'failed' });
      return 'removed';
    }
    // ORCH-3033: a deadline is about the start; what runs was in time.
    if (reason === 'deadline') return 'running';
    pool.forget(entry);
    // ORCH-1301: it runs until its holder lets go, so its session waits until then.
    const { sessionId, keyId } = entry.task;
    if (sessionId !== undefined || keyId !== undefined) this.#stopping.set(id, entry);
    this.#end(entry, { outcome: 'canceled' });
    lease.lose('canceled');
    return 'signaled';
  }

  async steer(steering: Steering): Promise<SteerOutcome> {
    return steering.kind === 'priority' ? this.#reprioritize(steering) : this.#setPaused(steering);
  }

  async place(id: TaskId): Promise<PlaceInLine | undefined> {
    const entry = this.#live.get(id);
    return entry === undefined || entry.lease !== undefined ? undefined : this.#standingOf(entry);
  }

  async snapshot(poolId: PoolId): Promise<QueueSnapshot> {
    return this.#pool(poolId).snapshot();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#claims.end();
  }

  #whyNot(task: Task): RefusedAdmission | undefined {
    if (this.#closed) return { outcome: 'closed' };
    const known = this.#live.get(task.id)?.task.fingerprint ?? this.#ended.get(task.id)?.fingerprint;
    return known === undefined ? undefined : { outcome: known === task.fingerprint ? 'repeated' : 'conflict' };
  }

  #reprioritize(steering: Extract<Steering, { kind: 'priority' }>): SteerOutcome {
    const entry = this.#live.get(steering.id);
    if (entry === undefined) return this.#ended.get(steering.id) === undefined ? 'unknown' : 'ended';
    const { pool, lease, task } = entry;
    // ORCH-1282: what was given out is where it belongs.
    if (lease !== undefined) return 'leased';
    if (task.priority === steering.priority) return 'done';
    if (!pool.move(entry, steering.priority, !this.#turns.isOn(entry))) return 'full';
    this.#journal?.steered(steering);
    return 'done';
  }

  #setPaused(steering: Extract<Steering, { kind: 'pause' | 'resume' }>): SteerOutcome {
    const changed = this.#pool(steering.poolId).setPaused(steering.kind === 'pause');
    if (changed) this.#journal?.steered(steering);
    this.#serveWaiters(steering.poolId);
    return 'done';
  }

  #pool(poolId: PoolId): PoolQueue {
    let pool = this.#pools.get(poolId);
    if (pool === undefined) {
      pool = new PoolQueue(() => this.#limits(poolId), this.#keySlots.weightOf);
      this.#pools.set(poolId, pool);
    }
    return pool;
  }

  #lease(poolId: PoolId): Lease | undefined {
    const pool = this.#pool(poolId);
    const { burst } = pool;
    const entry = pool.takeNext();
    if (entry === undefined) return undefined;
    // ORCH-1260: what batch work has waited so far counts for whoever goes on with this queue.
    if (pool.burst !== burst) this.#journal?.burst(poolId, pool.burst);
    entry.epoch += 1;
    entry.lease = new HeldLease(entry.task, entry.epoch);
    const { keyId } = entry.task;
    // ORCH-1261: a key that may have no more running does not hold up the others.
    if (keyId !== undefined && this.#keySlots.begin(keyId)) this.#hold(keyId, true);
    this.#journal?.claimed(entry.task.id, entry.epoch);
    return entry.lease;
  }

  /** The task a lease gives the right to, or undefined when the right is gone. */
  #heldUnder(lease: Lease): QueueEntry | undefined {
    const entry = this.#live.get(lease.task.id);
    // ORCH-3032: a write under an older epoch is refused.
    return entry?.lease?.epoch === lease.epoch ? entry : undefined;
  }

  #add(task: Task, epoch: number): QueueEntry {
    const entry = this.#enter(task, epoch);
    this.#turns.join(entry);
    // ORCH-1301: a turn is not given out while an older one of its session is there.
    entry.pool.add(entry, !this.#turns.isOn(entry));
    return entry;
  }

  #enter(task: Task, epoch: number): QueueEntry {
    const pool = this.#pool(task.poolId);
    const entry = newEntry(task, pool, epoch);
    const { keyId } = task;
    if (keyId !== undefined) pool.hold(keyId, this.#keySlots.isFull(keyId));
    this.#live.set(task.id, entry);
    return entry;
  }

  #standingOf(entry: QueueEntry): PlaceInLine {
    const hold = this.#turns.isOn(entry) ? entry.pool.holdOf(entry) : 'session_turn';
    return { position: this.#positionOf(entry), hold };
  }

  #positionOf(entry: QueueEntry): number {
    return entry.pool.position(entry) + Math.max(0, this.#turns.before(entry) - 1);
  }

  #end(entry: QueueEntry, end: DecidedEnd): void {
    const next = this.#remember(entry, end);
    this.#journal?.ended(entry.task.id, end);
    this.#passTurn(next);
  }

  /** Answers the turn whose time has come by this end. */
  #remember(entry: QueueEntry, { outcome, settledEpoch }: DecidedEnd): QueueEntry | undefined {
    const { task } = entry;
    this.#live.delete(task.id);
    this.#ended.add({ id: task.id, fingerprint: task.fingerprint, outcome, settledEpoch });
    return this.#stopping.has(task.id) ? undefined : this.#turns.leave(entry);
  }

  #unpark(next: QueueEntry | undefined): void {
    // It may have been evicted together with the turn before it.
    if (next !== undefined && this.#live.has(next.task.id)) next.pool.unpark(next);
  }

  /** The job holds its slot no longer: a key that was full may have another. */
  #freeSlot({ task: { keyId } }: QueueEntry): void {
    if (keyId !== undefined && this.#keySlots.end(keyId)) this.#hold(keyId, false);
  }

  #hold(key: string, isHeld: boolean): void {
    for (const pool of this.#pools.values()) pool.hold(key, isHeld);
    if (isHeld) return;
    for (const poolId of this.#pools.keys()) this.#serveWaiters(poolId);
  }

  /** The holder of a canceled task has stopped. */
  #letGo({ task, epoch }: Lease, usedTokens?: number): void {
    const entry = this.#stopping.get(task.id);
    if (entry?.epoch !== epoch) return;
    this.#stopping.delete(task.id);
    if (usedTokens !== undefined) entry.pool.settle(entry, usedTokens);
    this.#freeSlot(entry);
    this.#passTurn(this.#turns.leave(entry));
  }

  #passTurn(next: QueueEntry | undefined): void {
    this.#unpark(next);
    if (next !== undefined) this.#serveWaiters(next.task.poolId);
  }

  #serveWaiters(poolId: PoolId): void {
    this.#claims.serve(poolId, () => this.#lease(poolId));
  }
}
