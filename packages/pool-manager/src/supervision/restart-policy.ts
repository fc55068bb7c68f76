// SPDX-License-Identifier: MIT
import type { Random } from '@llama-orch/orchestrator-core';

/** Limits of {@link RestartPolicy}, all in milliseconds but the counts and ratios. */
export interface RestartLimits {
  /** Before the first restart; doubled with every further crash. Default 500. */
  readonly firstDelayMs?: number;
  /** No wait is longer. Default 30,000. */
  readonly longestDelayMs?: number;
  /** Health after which a crash counts as the first again. Default 60,000. */
  readonly healthyAfterMs?: number;
  /** Crashes within {@link RestartLimits.crashWindowMs} that open the breaker. Default 5; Infinity: it never opens. */
  readonly crashLimitCount?: number;
  /** Default 60,000. */
  readonly crashWindowMs?: number;
  /** Before the trial that may close the breaker again. Default 300,000. */
  readonly trialAfterMs?: number;
}

/** What comes after a crash. */
export interface RestartDecision {
  /** True where the breaker is open: the replica has failed and only a trial may mend it. */
  readonly isBroken: boolean;
  /** Milliseconds until the next start. */
  readonly delayMs: number;
}

const DEFAULTS: Required<RestartLimits> = {
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  healthyAfterMs: 60_000,
  crashLimitCount: 5,
  crashWindowMs: 60_000,
  trialAfterMs: 300_000,
};

/** Each wait is drawn from this much below to this much above its mean. */
const JITTER_RATIO = 0.2;

/** Decides when a crashed engine is started again. Holds no timer: time comes in as numbers. */
export class RestartPolicy {
  readonly #limits: Required<RestartLimits>;
  readonly #random: Random;
  /** Since the engine was last healthy for long enough. */
  #crashesInARow = 0;
  #crashTimesMs: number[] = [];
  #isOnTrial = false;

  constructor(random: Random, limits: RestartLimits = {}) {
    this.#random = random;
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Milliseconds before the trial of a replica that has failed. */
  get trialAfterMs(): number {
    return this.#limits.trialAfterMs;
  }

  /** Notes a crash at `nowMs` of an engine that had been ready for `readyForMs`, 0 when it never was. */
  crashed(nowMs: number, readyForMs: number): RestartDecision {
    const { healthyAfterMs, crashLimitCount, crashWindowMs, trialAfterMs } = this.#limits;
    if (readyForMs >= healthyAfterMs) this.reset();
    this.#crashesInARow += 1;
    this.#crashTimesMs = [...this.#crashTimesMs.filter((at) => nowMs - at < crashWindowMs), nowMs];
    // ORCH-1412
    const isBroken = this.#isOnTrial || this.#crashTimesMs.length >= crashLimitCount;
    this.#isOnTrial = isBroken;
    return { isBroken, delayMs: isBroken ? trialAfterMs : this.#backoffMs() };
  }

  /** Forgets every crash, as after a long time of health or when an operator takes over. */
  reset(): void {
    this.#crashesInARow = 0;
    this.#crashTimesMs = [];
    this.#isOnTrial = false;
  }

  #backoffMs(): number {
    const { firstDelayMs, longestDelayMs } = this.#limits;
    const meanMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#crashesInARow - 1));
    const jitter = 1 + JITTER_RATIO * ((2 * this.#random.nextUint32()) / 2 ** 32 - 1);
    // ORCH-1411
    return Math.min(longestDelayMs, meanMs * jitter);
  }
}
