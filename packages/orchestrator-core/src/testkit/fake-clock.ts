// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Timer } from '../ports.ts';

/** Noon of some day, so that wall time and monotonic time are not mixed up unnoticed. */
const WALL_START_AT = 1_700_000_000_000;
/** Canceled timers are swept out when there are more than this and more than there are live ones. */
const SWEEP_COUNT = 1_024;

/**
 * Virtual time. It stands still until it is told to move; timers fire in the order of their due time, and of their setting
 * where that is equal. Setting, canceling and firing cost O(log n).
 */
export class FakeClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs = WALL_START_AT;
  #order = 0;
  /** Binary heap, the next to fire first. */
  #heap: FakeTimer[] = [];
  #canceledCount = 0;

  readonly #noteCancel = (): void => {
    this.#canceledCount += 1;
    if (this.#canceledCount <= SWEEP_COUNT || this.#canceledCount * 2 <= this.#heap.length) return;
    this.#heap = this.#heap.filter((timer) => !timer.done).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#canceledCount = 0;
  };

  nowMs(): number {
    return this.#nowMs;
  }

  wallNowMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('A timer needs a delay, not NaN');
    const timer = new FakeTimer(this.#nowMs + Math.max(0, delayMs), this.#order++, fire);
    timer.onCancel = this.#noteCancel;
    this.#heap.push(timer);
    this.#siftUp(this.#heap.length - 1);
    return timer;
  }

  /** Timers set and neither fired nor canceled. */
  get pendingCount(): number {
    return this.#heap.length - this.#canceledCount;
  }

  /** When the next timer is due; undefined when none is set. */
  get nextDueMs(): number | undefined {
    return this.#next()?.dueMs;
  }

  /** Moves wall time alone, as an operator does. */
  shiftWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Jumps to the next timer and fires it; false when none is set. Promises it resolved have not run on yet. */
  fireNext(): boolean {
    const timer = this.#next();
    if (timer === undefined) return false;
    this.#removeFirst();
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.fireOnce();
    return true;
  }

  /** Moves time by `byMs`, firing what is due on the way. Promises it resolved have not run on yet. */
  skip(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    while ((this.nextDueMs ?? Infinity) <= endMs) this.fireNext();
    this.#nowMs = endMs;
  }

  /** As {@link skip}, and lets everything that hangs on promises run to rest before, between and after the timers. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await turn();
    while ((this.nextDueMs ?? Infinity) <= endMs) {
      this.fireNext();
      await turn();
    }
    this.#nowMs = endMs;
  }

  #next(): FakeTimer | undefined {
    while (this.#heap[0]?.done) {
      this.#removeFirst();
      this.#canceledCount -= 1;
    }
    return this.#heap[0];
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    const timer = heap[start];
    let at = start;
    while (timer !== undefined && at > 0) {
      const parent = heap[(at - 1) >> 1];
      if (parent === undefined || isBefore(parent, timer)) break;
      heap[at] = parent;
      at = (at - 1) >> 1;
      heap[at] = timer;
    }
  }

  #siftDown(): void {
    const heap = this.#heap;
    const timer = heap[0];
    let at = 0;
    while (timer !== undefined) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(timer, child)) break;
      heap[at] = child;
      at = 2 * at + (child === left ? 1 : 2);
      heap[at] = timer;
    }
  }
}

class FakeTimer implements Timer {
  readonly dueMs: number;
  readonly order: number;
  done = false;
  onCancel: (() => void) | undefined;
  readonly #fire: () => void;

  constructor(dueMs: number, order: number, fire: () => void) {
    this.dueMs = dueMs;
    this.order = order;
    this.#fire = fire;
  }

  cancel(): void {
    if (this.done) return;
    this.done = true;
    this.onCancel?.();
  }

  fireOnce(): void {
    this.done = true;
    this.#fire();
  }
}

function isBefore(a: FakeTimer, b: FakeTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
