// SPDX-License-Identifier: MIT
import type { TimeLimit } from './map-http-fault.ts';

/** One timer for the phases of an exchange. Progress moves a number alone; the timer reads it when it fires. */
export class PhaseTimer {
  readonly #onExpired: (limit: TimeLimit, limitMs: number) => void;
  #limit: TimeLimit = 'connect';
  #limitMs = 0;
  #deadlineMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;
  #firesAtMs = Infinity;

  constructor(onExpired: (limit: TimeLimit, limitMs: number) => void) {
    this.#onExpired = onExpired;
  }

  /** Begins a phase, which ends the one before. */
  start(limit: TimeLimit, limitMs: number): void {
    this.#limit = limit;
    this.#limitMs = limitMs;
    this.touch();
    if (this.#deadlineMs < this.#firesAtMs) this.#arm(limitMs);
  }

  /** Begins the time of the phase anew. */
  touch(): void {
    this.#deadlineMs = performance.now() + this.#limitMs;
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
    if (!this.#armLeft()) this.#onExpired(this.#limit, this.#limitMs);
  }

  /** Arms for the time that is left; false when none is. */
  #armLeft(): boolean {
    const leftMs = Math.ceil(this.#deadlineMs - performance.now());
    if (leftMs > 0) this.#arm(leftMs);
    return leftMs > 0;
  }
}
