// SPDX-License-Identifier: MIT
import type { TimeLimit } from './map-http-fault.ts';

/** What a {@link PhaseTimer} watches. */
export interface Timed {
  /** Grows with each sign of progress. */
  readonly progressCount: number;
  /** The time that was asked for has come. */
  onAlarm(): void;
  onExpired(limit: TimeLimit, limitMs: number): void;
}

/** A pause is noticed at most this part of its limit late. */
const LOOKS_PER_LIMIT = 4;

/**
 * One timer for the phases of an exchange and for one alarm in it. Progress costs no look at the clock: the timer asks for
 * it when it fires.
 */
export class PhaseTimer {
  readonly #timed: Timed;
  #limit: TimeLimit = 'connect';
  #limitMs = 0;
  /** When the phase began, or when its last progress was noticed. */
  #sinceMs = 0;
  #progressCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;
  #firesAtMs = Infinity;
  #alarmAtMs = Infinity;

  constructor(timed: Timed) {
    this.#timed = timed;
  }

  /** Asks for an alarm in the phases that begin from now on. */
  setAlarm(afterMs: number): void {
    this.#alarmAtMs = performance.now() + afterMs;
  }

  /** Begins a phase, which ends the one before. */
  start(limit: TimeLimit, limitMs: number): void {
    this.#limit = limit;
    this.#limitMs = limitMs;
    this.#sinceMs = performance.now();
    // Only the answer's body makes progress.
    const delayMs = limit === 'idle' ? limitMs / LOOKS_PER_LIMIT : limitMs;
    if (this.#sinceMs + delayMs < this.#firesAtMs) this.#arm(delayMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
  }

  #arm(delayMs: number): void {
    this.stop();
    const nowMs = performance.now();
    this.#firesAtMs = Math.min(nowMs + delayMs, this.#alarmAtMs);
    this.#timer = setTimeout(() => this.#onTimer(), Math.ceil(this.#firesAtMs - nowMs));
  }

  #onTimer(): void {
    if (performance.now() >= this.#alarmAtMs) {
      this.#alarmAtMs = Infinity;
      this.#timed.onAlarm();
    }
    // ORCH-4058: where this process stood still, what came meanwhile lies in the socket; it is read before anybody is blamed.
    if (!this.#armLeft()) this.#lastLook = setImmediate(() => this.#onLastLook());
  }

  #onLastLook(): void {
    if (!this.#armLeft()) this.#timed.onExpired(this.#limit, this.#limitMs);
  }

  /** Arms for the time that is left; false when none is. */
  #armLeft(): boolean {
    const nowMs = performance.now();
    const { progressCount } = this.#timed;
    if (progressCount > this.#progressCount) this.#sinceMs = nowMs;
    this.#progressCount = progressCount;
    const leftMs = Math.ceil(this.#sinceMs + this.#limitMs - nowMs);
    if (leftMs > 0) this.#arm(Math.min(leftMs, this.#limitMs / LOOKS_PER_LIMIT));
    return leftMs > 0;
  }
}
