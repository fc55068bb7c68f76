// SPDX-License-Identifier: MIT

/** How long one job held its slot. */
export interface ServiceSample {
  readonly serviceTimeMs: number;
  /** Tokens it generated. */
  readonly tokensOut: number;
}

/** Samples kept: the mean of a memoryless mix is then known to 9 %, and a change of load is forgotten in minutes. */
const WINDOW_COUNT = 128;

/** The latest service times of a pool, and what they say about a job that waits or runs. */
export class ServiceTimes {
  readonly #samples: ServiceSample[] = [];
  #oldest = 0;
  /** Ascending. */
  readonly #sortedMs: number[] = [];
  readonly #sums = { ms: 0, tokens: 0, msSquared: 0, tokensSquared: 0, msTokens: 0 };

  /** Takes a sample in; the oldest makes room. */
  add(sample: ServiceSample): void {
    const leaving = this.#samples[this.#oldest];
    if (leaving !== undefined) {
      this.#count(leaving, -1);
      this.#sortedMs.splice(firstAbove(this.#sortedMs, leaving.serviceTimeMs) - 1, 1);
    }
    this.#samples[this.#oldest] = sample;
    this.#oldest = (this.#oldest + 1) % WINDOW_COUNT;
    this.#count(sample, 1);
    this.#sortedMs.splice(firstAbove(this.#sortedMs, sample.serviceTimeMs), 0, sample.serviceTimeMs);
  }

  /** The samples, oldest first. */
  get samples(): readonly ServiceSample[] {
    return [...this.#samples.slice(this.#oldest), ...this.#samples.slice(0, this.#oldest)];
  }

  /** How many samples the figures rest on. */
  get sampleCount(): number {
    return this.#samples.length;
  }

  /** Mean of the samples; 0 without any. */
  get meanMs(): number {
    return this.#sums.ms / Math.max(1, this.sampleCount);
  }

  /** Variance over squared mean: 0 for jobs of equal length, 1 for a memoryless mix; 0 without any. */
  get variationRatio(): number {
    return this.meanMs > 0 ? (this.#deviationMs / this.meanMs) ** 2 : 0;
  }

  /** How long a job of so many tokens takes, by least squares. */
  ofTokensMs(tokens: number): number {
    const { tokens: sumTokens, tokensSquared, msTokens } = this.#sums;
    const meanTokens = sumTokens / Math.max(1, this.sampleCount);
    const spread = tokensSquared - sumTokens * meanTokens;
    const slope = spread > 0 ? (msTokens - sumTokens * this.meanMs) / spread : 0;
    // More tokens never take less time, and no tokens never take less than none.
    const msPerToken = Math.min(Math.max(0, slope), meanTokens > 0 ? this.meanMs / meanTokens : 0);
    return this.meanMs + msPerToken * (tokens - meanTokens);
  }

  /** How long a job goes on that has run for `elapsedMs`: the mean of the longer ones, less what has passed. */
  remainingMs(elapsedMs: number): number {
    const start = firstAbove(this.#sortedMs, elapsedMs);
    const longerCount = this.#sortedMs.length - start;
    // Longer than any before: one deviation more is 0 for jobs of equal length and the mean for memoryless ones.
    if (longerCount === 0) return this.#deviationMs;
    let sumMs = 0;
    for (let i = start; i < this.#sortedMs.length; i++) sumMs += this.#sortedMs[i] ?? 0;
    return sumMs / longerCount - elapsedMs;
  }

  get #deviationMs(): number {
    const variance = this.#sums.msSquared / Math.max(1, this.sampleCount) - this.meanMs ** 2;
    return Math.sqrt(Math.max(0, variance));
  }

  #count({ serviceTimeMs, tokensOut }: ServiceSample, sign: 1 | -1): void {
    this.#sums.ms += sign * serviceTimeMs;
    this.#sums.tokens += sign * tokensOut;
    this.#sums.msSquared += sign * serviceTimeMs ** 2;
    this.#sums.tokensSquared += sign * tokensOut ** 2;
    this.#sums.msTokens += sign * serviceTimeMs * tokensOut;
  }
}

/** Index of the first that is greater than `limit`. */
function firstAbove(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
