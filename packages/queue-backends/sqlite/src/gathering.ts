// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '@llama-orch/orchestrator-core';

/** Commits that are further apart than this have nothing to share: then nothing waits. */
const QUIET_MS = 100;

/** Decides when a batch is written whose records can wait for others. */
export class Gathering {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #lastBeganAtMs = -Infinity;
  #dueAtMs = Infinity;
  #timer: Timer | undefined;
  #timerAtMs = Infinity;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** False while all that waits can wait longer. */
  get isDue(): boolean {
    return this.#dueAtMs <= this.#clock.nowMs();
  }

  /** A record has come that may wait so long. */
  accept(patienceMs: number): void {
    const nowMs = this.#clock.nowMs();
    // ORCH-1204: nothing waits where nothing can be expected to come.
    const isQuiet = nowMs - this.#lastBeganAtMs >= QUIET_MS;
    this.#dueAtMs = Math.min(this.#dueAtMs, isQuiet ? nowMs : nowMs + patienceMs);
  }

  /** Calls back once what waits is due. */
  arm(): void {
    if (this.#timer !== undefined && this.#timerAtMs <= this.#dueAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = this.#dueAtMs;
    this.#timer = this.#clock.setTimer(this.#dueAtMs - this.#clock.nowMs(), () => {
      this.#timer = undefined;
      this.#onDue();
    });
  }

  /** A commit begins; `tookAll` when nothing is left to wait. */
  begin(tookAll: boolean): void {
    this.cancel();
    this.#lastBeganAtMs = this.#clock.nowMs();
    if (tookAll) this.#dueAtMs = Infinity;
  }

  /** Calls back no more for what came until now. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
