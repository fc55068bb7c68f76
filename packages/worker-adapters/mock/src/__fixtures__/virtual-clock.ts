// SPDX-License-Identifier: MIT
import type { MockClock } from '../mock-clock.ts';

/** Time that moves only when told. */
export class VirtualClock implements MockClock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly dueMs: number; readonly fire: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): { cancel(): void } {
    const timer = { dueMs: this.#nowMs + delayMs, fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Timers that wait. */
  get waitingCount(): number {
    return this.#timers.size;
  }

  /** Moves on, firing what becomes due in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#nowMs = next.dueMs;
      this.#timers.delete(next);
      next.fire();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): { readonly dueMs: number; readonly fire: () => void } | undefined {
    return [...this.#timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}
