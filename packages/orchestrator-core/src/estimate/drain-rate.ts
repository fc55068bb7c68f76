// SPDX-License-Identifier: MIT

/** Starts that are remembered. */
const WINDOW_COUNT = 32;
/** Fewer say nothing that could be believed. */
const MIN_COUNT = 3;
/** Wait told while nothing has been measured. */
const UNMEASURED_MS = 1_000;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 60_000;
/** Refused clients that are kept apart; those of a client that does not listen must not push the others away for ever. */
const MAX_BOOKED_COUNT = 256;

/**
 * How fast a pool's queue gets shorter: the time between starts of waiting tasks, over the latest 32 of them, counted only
 * while somebody waited the whole time, for an idle pool is not a slow one.
 */
export class DrainRate {
  readonly #intervalsMs: number[] = [];
  #oldest = 0;
  #sumMs = 0;
  /** When the latest task left a queue that was not empty then. */
  #busySinceMs: number | undefined;
  /** When there is room for one more than for those who were told to come back. */
  #roomAtMs = 0;

  /** A task left the queue; `waitingCount` others stay. */
  left(nowMs: number, waitingCount: number): void {
    if (this.#busySinceMs !== undefined) this.#add(nowMs - this.#busySinceMs);
    this.#busySinceMs = waitingCount > 0 ? nowMs : undefined;
  }

  /**
   * Milliseconds until the queue is likely to have room for one more than for those who were told to come back: at least
   * 250, at most 60,000.
   */
  retryAfterMs(nowMs: number): number {
    const intervalMs = this.#intervalMs;
    if (intervalMs === undefined) return UNMEASURED_MS;
    const waitMs = Math.min(Math.max(0, this.#roomAtMs - nowMs) + intervalMs, MAX_BOOKED_COUNT * intervalMs);
    return Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, Math.ceil(waitMs)));
  }

  /** A client was told {@link retryAfterMs}: the next is told a later moment, so that they do not come back together. */
  book(nowMs: number): void {
    const intervalMs = this.#intervalMs;
    if (intervalMs === undefined) return;
    const roomAtMs = Math.max(this.#roomAtMs, nowMs) + intervalMs;
    this.#roomAtMs = Math.min(roomAtMs, nowMs + MAX_BOOKED_COUNT * intervalMs);
  }

  get #intervalMs(): number | undefined {
    const count = this.#intervalsMs.length;
    return count < MIN_COUNT ? undefined : this.#sumMs / count;
  }

  /** What it rests on, oldest first, for another process's {@link restore}. */
  get intervalsMs(): readonly number[] {
    return [...this.#intervalsMs.slice(this.#oldest), ...this.#intervalsMs.slice(0, this.#oldest)];
  }

  /** Goes on with what another process has measured. */
  restore(intervalsMs: readonly number[]): void {
    for (const intervalMs of intervalsMs) if (Number.isFinite(intervalMs) && intervalMs >= 0) this.#add(intervalMs);
  }

  #add(intervalMs: number): void {
    this.#sumMs += intervalMs - (this.#intervalsMs[this.#oldest] ?? 0);
    this.#intervalsMs[this.#oldest] = intervalMs;
    this.#oldest = (this.#oldest + 1) % WINDOW_COUNT;
  }
}
