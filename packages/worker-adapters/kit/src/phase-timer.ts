// SPDX-License-Identifier: MIT
import type { TimeLimit } from './map-http-fault.ts';

/** What a {@link PhaseTimer} watches. */
export interface Timed {
  /** When the last progress came, in milliseconds of `performance.now`. */
  readonly progressAtMs: number;
  onExpired(limit: TimeLimit, limitMs: number): void;
}

/** One timer for the phases of an exchange. Progress only moves a number, which the timer reads when it fires. */
export class PhaseTimer {
  readonly #timed: Timed;
  #limit: TimeLimit = 'connect';
  #limitMs = 0;
  #startedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;
  #firesAtMs = Infinity;

  constructor(timed: Timed) {
    this.#timed = timed;
  }

  /** Begins a phase, which ends the one before. */
  start(limit: TimeLimit, limitMs: number): void {
    this.#limit = limit;
    this.#limitMs = limitMs;
    this.#startedAtMs = performance.now();
    if (this.#startedAtMs + limitMs < this.#firesAtMs) this.#arm(limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
  }

  #arm(delayMs: number): void {
    this.stop();
    this.#firesAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.#onTimer(), delayMs);
  }

  #onTimer(): void {
    // ORCH-4058: where this process stood still, what came meanwhile lies in the socket; it is read before anybody is blamed.
    if (!this.#armLeft()) this.#lastLook = setImmediate(() => this.#onLastLook());
  }

  #onLastLook(): void {
    if (!this.#armLeft()) this.#timed.onExpired(this.#limit, this.#limitMs);
  }

  /** Arms for the time that is left; false when none is. */
  #armLeft(): boolean {
    const sinceMs = Math.max(this.#startedAtMs, this.#timed.progressAtMs);
    const leftMs = Math.ceil(sinceMs + this.#limitMs - performance.now());
    if (leftMs > 0) this.#arm(leftMs);
    return leftMs > 0;
  }
}
