// SPDX-License-Identifier: MIT
import type { Priority, Task } from '../task/task.ts';
import type { FullPolicy, QueueLimits, QueueSnapshot } from './task-queue.ts';
import { WaitingLine, type Standing } from './waiting-line.ts';

/** A task that has not ended. */
export interface QueueEntry extends Standing {
  readonly task: Task;
  readonly pool: PoolQueue;
  /** How often it was claimed. */
  epoch: number;
  /** Present while it is leased. */
  leaseLost: AbortController | undefined;
}

/** Room for a newcomer: who had to go for it, or the limit that stands in the way. */
export type Room =
  | { readonly outcome: 'made'; readonly victims: readonly QueueEntry[] }
  | { readonly outcome: 'full'; readonly limit: 'tasks' | 'bytes' };

/** From which priorities a full queue evicts for a newcomer, in this order. */
const VICTIM_PRIORITIES: Readonly<Record<FullPolicy, Readonly<Record<Priority, readonly Priority[]>>>> = {
  reject: { interactive: [], batch: [] },
  // ORCH-3017: the lowest priority first, and never one above the newcomer's own.
  'drop-lru': { interactive: ['batch', 'interactive'], batch: ['batch'] },
  // ORCH-3018: only batch gives way, and only to interactive.
  'shed-low-priority': { interactive: ['batch'], batch: [] },
};

/** The waiting tasks of one pool: their order, their bounds and their places. Knows nothing of leases and ids. */
export class PoolQueue {
  readonly #lines = { interactive: new WaitingLine<QueueEntry>(), batch: new WaitingLine<QueueEntry>() };
  readonly #bytes = { interactive: 0, batch: 0 };
  #leased = 0;
  /** Interactive claims in a row while batch waited. */
  #burst = 0;
  readonly #limits: () => QueueLimits;

  constructor(limits: () => QueueLimits) {
    this.#limits = limits;
  }

  /** Evicts what the limits demand for `task` to fit; changes nothing when it cannot fit. */
  makeRoom(task: Task): Room {
    const limits = this.#limits();
    const from = VICTIM_PRIORITIES[limits.fullPolicy][task.priority].filter(
      (priority) => this.#lines[priority].size > 0,
    );
    const crowded = this.#isCrowded(task.priority, limits);
    if (crowded && from.length === 0) return { outcome: 'full', limit: 'tasks' };
    let excessBytes = this.#waitingBytes + task.sizeBytes - limits.maxBytes;
    const evictableBytes = from.reduce((sum, priority) => sum + this.#bytes[priority], 0);
    if (excessBytes > Math.max(0, evictableBytes)) return { outcome: 'full', limit: 'bytes' };
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

  /** Stops waiting for good. */
  remove(entry: QueueEntry): void {
    this.#lines[entry.task.priority].leave(entry);
    this.#bytes[entry.task.priority] -= entry.task.sizeBytes;
  }

  /** Takes out who is next and not parked; the place is kept until {@link putBack} or {@link forget}. */
  takeNext(): QueueEntry | undefined {
    const { interactive, batch } = this.#lines;
    // ORCH-3013: interactive first, until its burst is used up and batch waits.
    const turn = interactive.readySize > 0 && !(batch.readySize > 0 && this.#burst >= this.#limits().interactiveBurst);
    const entry = turn ? interactive.first() : batch.first();
    if (entry === undefined) return undefined;
    this.#burst = turn && batch.readySize > 0 ? this.#burst + 1 : 0;
    this.#lines[entry.task.priority].stepOut(entry);
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

  /** How many of those waiting now and not parked start before `entry`, which waits. */
  position(entry: QueueEntry): number {
    const { interactiveBurst } = this.#limits();
    const { interactive, batch } = this.#lines;
    const before = this.#lines[entry.task.priority].countBefore(entry);
    const used = Math.min(this.#burst, interactiveBurst);
    // ORCH-3019: the k-th batch task to come starts after k bursts, less what the burst under way has used.
    return entry.task.priority === 'interactive'
      ? before + Math.min(batch.readySize, Math.floor((used + before) / interactiveBurst))
      : before + Math.min(interactive.readySize, (before + 1) * interactiveBurst - used);
  }

  /** All figures of one moment. */
  snapshot(): QueueSnapshot {
    return {
      waiting: { interactive: this.#lines.interactive.size, batch: this.#lines.batch.size },
      leased: this.#leased,
      waitingBytes: this.#waitingBytes,
    };
  }

  get #waitingBytes(): number {
    return this.#bytes.interactive + this.#bytes.batch;
  }

  #isCrowded(priority: Priority, { maxTasks }: QueueLimits): boolean {
    const { interactive, batch } = this.#lines;
    if (priority === 'interactive') return interactive.size >= maxTasks.interactive;
    const takenOver = Math.max(0, interactive.size - maxTasks.interactive);
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
