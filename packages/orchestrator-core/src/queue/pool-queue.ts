// SPDX-License-Identifier: MIT
import { PRIORITIES, type Priority, type Task } from '../task/task.ts';
import type { FullPolicy, QueueLimits, QueueSnapshot } from './task-queue.ts';
import { FairLine, type Sharing } from './fair-line.ts';
import type { HeldLease } from './held-lease.ts';

/** A task that has not ended. */
export interface QueueEntry extends Sharing {
  /** Another one, of the same id, once its priority has changed. */
  task: Task;
  readonly pool: PoolQueue;
  /** How often it was claimed. */
  epoch: number;
  /** Present while it is leased. */
  lease: HeldLease | undefined;
}

/** A task before it stands in line. */
export function newEntry(task: Task, pool: PoolQueue, epoch: number): QueueEntry {
  return { task, pool, place: 0, standing: 'ready', order: 0, charged: 0, epoch, lease: undefined };
}

/** The limit that stands in the way of a newcomer. */
export interface FullRoom {
  readonly outcome: 'full';
  readonly limit: 'tasks' | 'bytes';
}

/** Room for a newcomer: who had to go for it, or the limit that stands in the way. */
export type Room = { readonly outcome: 'made'; readonly victims: readonly QueueEntry[] } | FullRoom;

const ROOM_ENOUGH: Room = { outcome: 'made', victims: [] };

/** From which priorities a full queue evicts for a newcomer, in this order. */
const VICTIM_PRIORITIES: Readonly<Record<FullPolicy, Readonly<Record<Priority, readonly Priority[]>>>> = {
  reject: { interactive: [], batch: [] },
  // ORCH-3017: the lowest priority first, and never one above the newcomer's own.
  'drop-lru': { interactive: ['batch', 'interactive'], batch: ['batch'] },
  // ORCH-3018: only batch gives way, and only to interactive.
  'shed-low-priority': { interactive: ['batch'], batch: [] },
};

/** Tokens that a key of weight 1 may use at its turn: a few short jobs or a part of a long one. */
const DEFAULT_QUANTUM_TOKENS = 1_024;

/** The waiting tasks of one pool: their order, their bounds and their places. Knows nothing of leases and ids. */
export class PoolQueue {
  readonly #lines: Readonly<Record<Priority, FairLine<QueueEntry>>>;
  readonly #bytes = { interactive: 0, batch: 0 };
  #leased = 0;
  #paused = false;
  /** Interactive claims in a row while batch waited. */
  burst = 0;
  readonly #limits: () => QueueLimits;

  /** `weightOf`: of a key beside the others that wait; at least 1. */
  constructor(limits: () => QueueLimits, weightOf: (key: string) => number) {
    this.#limits = limits;
    const rules = { weightOf, quantumTokens: () => limits().fairQuantumTokens ?? DEFAULT_QUANTUM_TOKENS };
    this.#lines = { interactive: new FairLine(rules), batch: new FairLine(rules) };
  }

  /** The limit that would stand in the way of `task`, whatever the policy evicts; undefined when it fits. */
  whyFull(task: Task): FullRoom | undefined {
    const limits = this.#limits();
    const from = this.#victimPriorities(task, limits);
    if (this.#isCrowded(task.priority, limits) && from.length === 0) return { outcome: 'full', limit: 'tasks' };
    const evictableBytes = from.reduce((sum, priority) => sum + this.#bytes[priority], 0);
    const isTooMuch = this.#excessBytes(task, limits) > Math.max(0, evictableBytes);
    return isTooMuch ? { outcome: 'full', limit: 'bytes' } : undefined;
  }

  /** Evicts what the limits demand for `task` to fit; changes nothing when it cannot fit. */
  makeRoom(task: Task): Room {
    const limits = this.#limits();
    const crowded = this.#isCrowded(task.priority, limits);
    let excessBytes = this.#excessBytes(task, limits);
    if (!crowded && excessBytes <= 0) return ROOM_ENOUGH;
    const full = this.whyFull(task);
    if (full !== undefined) return full;
    const from = this.#victimPriorities(task, limits);
    const victims: QueueEntry[] = [];
    while (excessBytes > 0 || (crowded && victims.length === 0)) {
      const victim = this.#victim(from, limits.fullPolicy);
      this.remove(victim);
      victims.push(victim);
      excessBytes -= victim.task.sizeBytes;
    }
    return { outcome: 'made', victims };
  }

  /** Stands at the end of its priority; who is `parked` is not taken before {@link unpark}. */
  add(entry: QueueEntry, parked: boolean): void {
    const line = this.#lines[entry.task.priority];
    line.join(entry);
    if (parked) line.park(entry);
    this.#bytes[entry.task.priority] += entry.task.sizeBytes;
  }

  /** May be taken from now on, in its old place. */
  unpark(entry: QueueEntry): void {
    this.#lines[entry.task.priority].unpark(entry);
  }

  /** Gives out nothing from now on, or something again; false when that is so already. */
  setPaused(isPaused: boolean): boolean {
    const changed = this.#paused !== isPaused;
    this.#paused = isPaused;
    return changed;
  }

  /** Goes to the end of another priority; false, and nothing has changed, when that is full. Who is `parked` stays so. */
  move(entry: QueueEntry, priority: Priority, parked: boolean): boolean {
    const { interactive } = this.#lines;
    const leaving = entry.task.priority === 'interactive' ? 1 : 0;
    if (this.#isCrowded(priority, this.#limits(), interactive.size - leaving)) return false;
    this.remove(entry);
    entry.task = { ...entry.task, priority };
    this.add(entry, parked);
    return true;
  }

  /** Stops waiting for good. */
  remove(entry: QueueEntry): void {
    this.#lines[entry.task.priority].leave(entry);
    this.#bytes[entry.task.priority] -= entry.task.sizeBytes;
  }

  /** Takes out who is next and not parked; the place is kept until {@link putBack} or {@link forget}. */
  takeNext(): QueueEntry | undefined {
    // ORCH-1283: what has been taken runs on, and what waits keeps its place.
    if (this.#paused) return undefined;
    const { interactive, batch } = this.#lines;
    // ORCH-3013: interactive first, until its burst is used up and batch waits.
    const turn = interactive.readySize > 0 && !(batch.readySize > 0 && this.burst >= this.#limits().interactiveBurst);
    const entry = turn ? interactive.take() : batch.take();
    if (entry === undefined) return undefined;
    this.burst = turn && batch.readySize > 0 ? this.burst + 1 : 0;
    this.#bytes[entry.task.priority] -= entry.task.sizeBytes;
    this.#leased += 1;
    return entry;
  }

  /** Waits again, in its old order. */
  putBack(entry: QueueEntry): void {
    this.#lines[entry.task.priority].stepBack(entry);
    this.#bytes[entry.task.priority] += entry.task.sizeBytes;
    this.#leased -= 1;
  }

  /** What was taken out does not come back. */
  forget(entry: QueueEntry): void {
    this.#lines[entry.task.priority].giveUp(entry);
    this.#leased -= 1;
  }

  /** What was taken out has used so many tokens; its key is charged that instead of the guess. */
  settle(entry: QueueEntry, usedTokens: number): void {
    this.#lines[entry.task.priority].settle(entry, usedTokens);
  }

  /** Whether the tasks of a key are passed over. */
  hold(key: string, isHeld: boolean): void {
    for (const priority of PRIORITIES) this.#lines[priority].hold(key, isHeld);
  }

  /** Why a task that waits and is not parked is passed over by others of its priority; undefined when it is not. */
  holdOf(entry: QueueEntry): 'key_concurrency' | 'fair_share' | 'pool_paused' | undefined {
    if (this.#paused) return 'pool_paused';
    const line = this.#lines[entry.task.priority];
    if (line.isHeld(entry)) return 'key_concurrency';
    return line.awaitsTurn(entry) ? 'fair_share' : undefined;
  }

  /** How many of those waiting now and not parked start before `entry`, which waits. */
  position(entry: QueueEntry): number {
    const { interactiveBurst } = this.#limits();
    const { interactive, batch } = this.#lines;
    const before = this.#lines[entry.task.priority].countBefore(entry);
    const used = Math.min(this.burst, interactiveBurst);
    // ORCH-3019: the k-th batch task to come starts after k bursts, less what the burst under way has used.
    return entry.task.priority === 'interactive'
      ? before + Math.min(batch.readySize, Math.floor((used + before) / interactiveBurst))
      : before + Math.min(interactive.readySize, (before + 1) * interactiveBurst - used);
  }

  /** How many were taken out and neither came back nor were forgotten. */
  get leasedCount(): number {
    return this.#leased;
  }

  /** All figures of one moment. */
  snapshot(): QueueSnapshot {
    return {
      waiting: { interactive: this.#lines.interactive.size, batch: this.#lines.batch.size },
      leased: this.#leased,
      waitingBytes: this.#waitingBytes,
      paused: this.#paused,
    };
  }

  get #waitingBytes(): number {
    return this.#bytes.interactive + this.#bytes.batch;
  }

  #excessBytes({ sizeBytes }: Task, { maxBytes }: QueueLimits): number {
    return this.#waitingBytes + sizeBytes - maxBytes;
  }

  #victimPriorities({ priority }: Task, { fullPolicy }: QueueLimits): readonly Priority[] {
    return VICTIM_PRIORITIES[fullPolicy][priority].filter((from) => this.#lines[from].size > 0);
  }

  #isCrowded(priority: Priority, { maxTasks }: QueueLimits, interactiveSize = this.#lines.interactive.size): boolean {
    const { batch } = this.#lines;
    if (priority === 'interactive') return interactiveSize >= maxTasks.interactive;
    const takenOver = Math.max(0, interactiveSize - maxTasks.interactive);
    return batch.size + takenOver >= maxTasks.batch;
  }

  #victim(from: readonly Priority[], policy: FullPolicy): QueueEntry {
    for (const priority of from) {
      const line = this.#lines[priority];
      const victim = policy === 'drop-lru' ? line.oldest() : line.last();
      if (victim !== undefined) return victim;
    }
    throw new RangeError('makeRoom promised a victim that does not wait');
  }
}
