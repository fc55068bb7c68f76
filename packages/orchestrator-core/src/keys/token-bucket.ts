// SPDX-License-Identifier: MIT

const MINUTE_MS = 60_000;

/** Lets a mean number of requests per minute pass, and a bounded number at once after a pause. Time comes in as an argument. */
export class TokenBucket {
  readonly #msPerToken: number;
  readonly #burst: number;
  /** When the bucket would be full again. */
  #fullAtMs = -Infinity;

  /** `burst`: how many may pass at once; at least 1. */
  constructor(requestsPerMinute: number, burst: number) {
    this.#msPerToken = MINUTE_MS / requestsPerMinute;
    this.#burst = burst;
  }

  /** Milliseconds until one may pass; 0 when it may now. */
  waitMs(nowMs: number): number {
    const roomAtMs = this.#fullAtMs - (this.#burst - 1) * this.#msPerToken;
    return Math.max(0, roomAtMs - nowMs);
  }

  /** Lets one pass; only when {@link waitMs} is 0. */
  take(nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#msPerToken;
  }
}
