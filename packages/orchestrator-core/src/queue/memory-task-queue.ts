// SPDX-License-Identifier: MIT
import type { TaskArchive } from '../store/task-store.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Task, TaskEnd } from '../task/task.ts';
import { EndedTasks } from './ended-tasks.ts';
import { PoolQueue, type QueueEntry } from './pool-queue.ts';
import type { DecidedEnd, QueueContents, QueueJournal } from './queue-journal.ts';
import { SessionTurns } from './session-turns.ts';
import type {
  Admission,
  CancelOutcome,
  Lease,
  QueueHold,
  QueueLimits,
  QueueSnapshot,
  SettleOutcome,
  TaskQueue,
} from './task-queue.ts';

/** How a memory queue is set up. */
export interface MemoryTaskQueueOptions {
  /** Bounds of a pool; asked whenever they matter, so they may change. */
  readonly limits: (poolId: PoolId) => QueueLimits;
  /** Ids of ended tasks that stay used. Each costs about 300 bytes; an id that was forgotten would run again. */
  readonly retention: { readonly endedTasks: number };
  /** Told of every decision; default nobody. */
  readonly journal?: QueueJournal;
  /** What another process left; default nothing. */
  readonly contents?: QueueContents;
}

/**
 * The queue of one process, held in memory: the reference implementation of {@link TaskQueue}.
 *
 * Every outcome is decided synchronously inside the call, in the order of the calls; the promises only carry it. Leases
 * last until they are settled, released or canceled: a holder that dies takes the queue with it, so nothing is fenced.
 */
export function createMemoryTaskQueue(options: MemoryTaskQueueOptions): TaskQueue {
  return new MemoryTaskQueue(options);
}

/** A claim that waits for a task. */
type Waiter = (lease: Lease | undefined) => void;

class MemoryTaskQueue implements TaskQueue {
  readonly #limits: (poolId: PoolId) => QueueLimits;
  readonly #pools = new Map<PoolId, PoolQueue>();
  readonly #live = new Map<TaskId, QueueEntry>();
  readonly #turns = new SessionTurns<QueueEntry>();
  /** Turns whose cancel is decided and whose holder has not let go. */
  readonly #stopping = new Map<TaskId, QueueEntry>();
  readonly #ended: EndedTasks;
  readonly #waiters = new Map<PoolId, Set<Waiter>>();
  readonly #journal: QueueJournal | undefined;
  #closed = false;

  constructor({ limits, retention, journal, contents }: MemoryTaskQueueOptions) {
    this.#limits = limits;
    this.#ended = new EndedTasks(retention.endedTasks);
    this.#journal = journal;
    for (const task of contents?.ended ?? []) this.#ended.add(task);
    for (const { task, epoch } of contents?.waiting ?? []) this.#add(task, epoch);
  }

  async admit(task: Task): Promise<Admission> {
    if (this.#closed) return { outcome: 'closed' };
    const known = this.#live.get(task.id)?.task.fingerprint ?? this.#ended.get(task.id)?.fingerprint;
    if (known !== undefined) return { outcome: known === task.fingerprint ? 'repeated' : 'conflict' };
    const pool = this.#pool(task.poolId);
    const room = pool.makeRoom(task);
    if (room.outcome === 'full') return room;
    const freed = room.victims.map((victim) => this.#remember(victim, { outcome: 'evicted' }));
    for (const next of freed) this.#unpark(next);
    const position = this.#positionOf(this.#add(task, 0));
    const evicted = room.victims.map((victim) => victim.task.id);
    this.#journal?.admitted(task, position, evicted);
    this.#serveWaiters(task.poolId);
    for (const next of freed) this.#serveNext(next);
    return { outcome: 'accepted', position, evicted };
  }

  async claim(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    if (this.#closed || signal.aborted) return undefined;
    return this.#lease(poolId) ?? this.#wait(poolId, signal);
  }

  async settle(lease: Lease, { outcome }: TaskEnd, archive?: TaskArchive): Promise<SettleOutcome> {
    const entry = this.#heldUnder(lease);
    if (entry !== undefined) {
      entry.pool.forget(entry);
      this.#end(entry, { outcome, settledEpoch: lease.epoch, ...(archive && { archive }) });
      return 'done';
    }
    this.#letGo(lease);
    const ended = this.#ended.get(lease.task.id);
    return ended?.settledEpoch === lease.epoch && ended.outcome === outcome ? 'done' : 'superseded';
  }

  async release(lease: Lease): Promise<SettleOutcome> {
    const entry = this.#heldUnder(lease);
    if (entry === undefined) {
      this.#letGo(lease);
      return 'superseded';
    }
    entry.leaseLost = undefined;
    entry.pool.putBack(entry);
    this.#journal?.released(entry.task.id, entry.epoch);
    this.#serveWaiters(entry.task.poolId);
    return 'done';
  }

  async cancel(id: TaskId, reason: 'client' | 'deadline'): Promise<CancelOutcome> {
    const entry = this.#live.get(id);
    if (entry === undefined) return this.#ended.get(id) === undefined ? 'unknown' : 'ended';
    const { pool, leaseLost } = entry;
    if (leaseLost === undefined) {
      pool.remove(entry);
      this.#end(entry, { outcome: reason === 'client' ? 'canceled' : 'failed' });
      return 'removed';
    }
    // ORCH-3033: a deadline is about the start; what runs was in time.
    if (reason === 'deadline') return 'running';
    pool.forget(entry);
    // ORCH-1301: it runs until its holder lets go, so its session waits until then.
    if (entry.task.sessionId !== undefined) this.#stopping.set(id, entry);
    this.#end(entry, { outcome: 'canceled' });
    leaseLost.abort('canceled');
    return 'signaled';
  }

  async position(id: TaskId): Promise<number | undefined> {
    const entry = this.#live.get(id);
    return entry === undefined || entry.leaseLost !== undefined ? undefined : this.#positionOf(entry);
  }

  async holdOf(id: TaskId): Promise<QueueHold | undefined> {
    const entry = this.#live.get(id);
    if (entry === undefined || entry.leaseLost !== undefined) return undefined;
    return this.#turns.isOn(entry) ? undefined : 'session_turn';
  }

  async snapshot(poolId: PoolId): Promise<QueueSnapshot> {
    return this.#pool(poolId).snapshot();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiters of this.#waiters.values()) {
      for (const answer of waiters) answer(undefined);
    }
  }

  #pool(poolId: PoolId): PoolQueue {
    let pool = this.#pools.get(poolId);
    if (pool === undefined) {
      pool = new PoolQueue(() => this.#limits(poolId));
      this.#pools.set(poolId, pool);
    }
    return pool;
  }

  #lease(poolId: PoolId): Lease | undefined {
    const entry = this.#pool(poolId).takeNext();
    if (entry === undefined) return undefined;
    entry.epoch += 1;
    entry.leaseLost = new AbortController();
    this.#journal?.claimed(entry.task.id, entry.epoch);
    return { task: entry.task, epoch: entry.epoch, lost: entry.leaseLost.signal };
  }

  /** The task a lease gives the right to, or undefined when the right is gone. */
  #heldUnder(lease: Lease): QueueEntry | undefined {
    const entry = this.#live.get(lease.task.id);
    // ORCH-3032: a write under an older epoch is refused.
    return entry?.leaseLost !== undefined && entry.epoch === lease.epoch ? entry : undefined;
  }

  #add(task: Task, epoch: number): QueueEntry {
    const pool = this.#pool(task.poolId);
    const entry: QueueEntry = { task, pool, place: 0, epoch, leaseLost: undefined };
    this.#live.set(task.id, entry);
    this.#turns.join(entry);
    // ORCH-1301: a turn is not given out while an older one of its session is there.
    pool.add(entry, !this.#turns.isOn(entry));
    return entry;
  }

  #positionOf(entry: QueueEntry): number {
    return entry.pool.position(entry) + Math.max(0, this.#turns.before(entry) - 1);
  }

  #end(entry: QueueEntry, end: DecidedEnd): void {
    const next = this.#remember(entry, end);
    this.#journal?.ended(entry.task.id, end);
    this.#unpark(next);
    this.#serveNext(next);
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

  /** The holder of a canceled turn has stopped. */
  #letGo({ task, epoch }: Lease): void {
    const entry = this.#stopping.get(task.id);
    if (entry?.epoch !== epoch) return;
    this.#stopping.delete(task.id);
    const next = this.#turns.leave(entry);
    this.#unpark(next);
    this.#serveNext(next);
  }

  #serveNext(next: QueueEntry | undefined): void {
    if (next !== undefined) this.#serveWaiters(next.task.poolId);
  }

  #wait(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    let waiters = this.#waiters.get(poolId);
    if (waiters === undefined) this.#waiters.set(poolId, (waiters = new Set()));
    const { promise, resolve } = Promise.withResolvers<Lease | undefined>();
    const answer: Waiter = (lease) => {
      waiters.delete(answer);
      signal.removeEventListener('abort', giveUp);
      resolve(lease);
    };
    const giveUp = (): void => answer(undefined);
    waiters.add(answer);
    signal.addEventListener('abort', giveUp);
    return promise;
  }

  #serveWaiters(poolId: PoolId): void {
    for (const answer of this.#waiters.get(poolId) ?? []) {
      const lease = this.#lease(poolId);
      if (lease === undefined) return;
      answer(lease);
    }
  }
}
