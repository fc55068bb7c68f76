// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '@llama-orch/orchestrator-core';
import type { PullProgress } from './catalog.ts';

/** How often progress is told while there is none, too; ORCH-1613 asks for once per second. */
const TELL_EVERY_MS = 500;
const RATE_WINDOW_MS = 1_000;

/** Measures a pull, and tells of it at a steady pace. */
export class PullMeter {
  readonly #clock: Clock;
  readonly #tell: () => void;
  #timer: Timer;
  #progress: PullProgress = { doneBytes: 0 };
  #sample: { readonly atMs: number; readonly doneBytes: number } | undefined;

  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#timer = clock.setTimer(TELL_EVERY_MS, this.#onTimer);
  }

  /** How far it is. */
  get progress(): PullProgress {
    return this.#progress;
  }

  /** Takes what the download says; the first call may tell of bytes that were there before. */
  note(doneBytes: number, totalBytes: number): void {
    const atMs = this.#clock.nowMs();
    this.#sample ??= { atMs, doneBytes };
    const elapsedMs = atMs - this.#sample.atMs;
    const isDue = elapsedMs >= RATE_WINDOW_MS;
    const rate = isDue
      ? Math.max(0, Math.round(((doneBytes - this.#sample.doneBytes) * 1_000) / elapsedMs))
      : this.#progress.bytesPerSecond;
    if (isDue) this.#sample = { atMs, doneBytes };
    this.#progress = { doneBytes, totalBytes, ...(rate === undefined ? {} : { bytesPerSecond: rate }) };
  }

  stop(): void {
    this.#timer.cancel();
  }

  readonly #onTimer = (): void => {
    this.#tell();
    this.#timer = this.#clock.setTimer(TELL_EVERY_MS, this.#onTimer);
  };
}
