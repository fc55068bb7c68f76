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
  #sortedMs: readonly number[] = [];
  /** Least squares of milliseconds over tokens. */
  #line = { interceptMs: 0, msPerToken: 0 };
  #meanMs = 0;
  #varianceMs2 = 0;

  /** Takes a sample in; the oldest makes room. */
  add(sample: ServiceSample): void {
    this.#samples[this.#oldest] = sample;
    this.#oldest = (this.#oldest + 1) % WINDOW_COUNT;
    this.#sortedMs = this.#samples.map(({ serviceTimeMs }) => serviceTimeMs).sort((a, b) => a - b);
    this.#fit();
  }

  /** How many samples the figures rest on. */
  get sampleCount(): number {
    return this.#samples.length;
  }

  /** Mean of the samples; 0 without any. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** Variance over squared mean: 0 for jobs of equal length, 1 for a memoryless mix; 0 without any. */
  get variationRatio(): number {
    return this.#meanMs > 0 ? this.#varianceMs2 / this.#meanMs ** 2 : 0;
  }

  /** How long a job of so many tokens takes. */
  ofTokensMs(tokens: number): number {
    return this.#line.interceptMs + this.#line.msPerToken * tokens;
  }

  /** How long a job goes on that has run for `elapsedMs`: the mean of the longer ones, less what has passed. */
  remainingMs(elapsedMs: number): number {
    const longer = this.#sortedMs.length - firstAbove(this.#sortedMs, elapsedMs);
    // Longer than any before: one deviation more is 0 for jobs of equal length and the mean for memoryless ones.
    if (longer === 0) return Math.sqrt(this.#varianceMs2);
    const sumMs = this.#sortedMs.slice(-longer).reduce((sum, ms) => sum + ms, 0);
    return sumMs / longer - elapsedMs;
  }

  #fit(): void {
    const count = this.#samples.length;
    const meanTokens = this.#samples.reduce((sum, { tokensOut }) => sum + tokensOut, 0) / count;
    this.#meanMs = this.#samples.reduce((sum, { serviceTimeMs }) => sum + serviceTimeMs, 0) / count;
    let squaresMs = 0;
    let squaresTokens = 0;
    let products = 0;
    for (const { serviceTimeMs, tokensOut } of this.#samples) {
      squaresMs += (serviceTimeMs - this.#meanMs) ** 2;
      squaresTokens += (tokensOut - meanTokens) ** 2;
      products += (serviceTimeMs - this.#meanMs) * (tokensOut - meanTokens);
    }
    this.#varianceMs2 = squaresMs / count;
    const slope = squaresTokens > 0 ? products / squaresTokens : 0;
    // More tokens never take less time, and no tokens never take less than none.
    const msPerToken = Math.min(Math.max(0, slope), meanTokens > 0 ? this.#meanMs / meanTokens : 0);
    this.#line = { msPerToken, interceptMs: this.#meanMs - msPerToken * meanTokens };
  }
}

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
