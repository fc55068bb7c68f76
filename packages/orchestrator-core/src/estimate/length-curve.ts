// SPDX-License-Identifier: MIT

/** How long something came out, or that it was cut off there and would have gone on. */
export interface MeasuredLength {
  readonly length: number;
  readonly isCut: boolean;
}

/** Mean and variance. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/**
 * The distribution of lengths of which some were cut off: the estimate of Kaplan and Meier, so that a limit which few
 * jobs reach says little and one that all reach says everything. Immutable.
 */
export class LengthCurve {
  /** Ascending. */
  readonly #lengths: Float64Array;
  /** `#shares[i]` is the share of the first i lengths; the last is 1. */
  readonly #shares: Float64Array;
  /** Sums of share times length over the first i lengths, and of share times length squared. */
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(measured: readonly MeasuredLength[]) {
    const sorted = measured.toSorted((a, b) => a.length - b.length || Number(a.isCut) - Number(b.isCut));
    const lengths: number[] = [];
    const shares = [0];
    let left = 1;
    sorted.forEach(({ length, isCut }, index) => {
      const isLast = index === sorted.length - 1;
      if (isCut && !isLast) return;
      // What is longer than all that was measured counts as long as the longest.
      left = isLast ? 0 : left * (1 - 1 / (sorted.length - index));
      lengths.push(length);
      shares.push(1 - left);
    });
    this.#lengths = Float64Array.from(lengths);
    this.#shares = Float64Array.from(shares);
    this.#sums = new Float64Array(shares.length);
    this.#squares = new Float64Array(shares.length);
    lengths.forEach((length, i) => {
      const share = (shares[i + 1] ?? 0) - (shares[i] ?? 0);
      this.#sums[i + 1] = (this.#sums[i] ?? 0) + share * length;
      this.#squares[i + 1] = (this.#squares[i] ?? 0) + share * length * length;
    });
  }

  /** `count` lengths above `floor`, ascending, that stand for equal shares of them; undefined when there are none. */
  quantiles(count: number, floor = -1): Float64Array | undefined {
    let index = this.#above(floor);
    if (index === this.#lengths.length) return undefined;
    const below = this.#shares[index] ?? 0;
    const quantiles = new Float64Array(count);
    for (let k = 0; k < count; k++) {
      const share = below + ((k + 0.5) / count) * (1 - below);
      while ((this.#shares[index + 1] ?? 1) < share) index += 1;
      quantiles[k] = this.#lengths[index] ?? 0;
    }
    return quantiles;
  }

  /** Mean and variance of the lengths above `floor`, none counted longer than `cap`; undefined when there are none. */
  moments(cap = Infinity, floor = -1): Moments | undefined {
    const first = this.#above(floor);
    if (first === this.#lengths.length) return undefined;
    const end = Math.max(first, this.#above(cap));
    const total = 1 - (this.#shares[first] ?? 0);
    const capped = end === this.#lengths.length ? 0 : 1 - (this.#shares[end] ?? 1);
    const limit = capped === 0 ? 0 : cap;
    const mean = ((this.#sums[end] ?? 0) - (this.#sums[first] ?? 0) + capped * limit) / total;
    const square = ((this.#squares[end] ?? 0) - (this.#squares[first] ?? 0) + capped * limit * limit) / total;
    const variance = square - mean * mean;
    // Equal lengths have no variance, whatever is left of the last digits.
    return { mean, variance: variance > square * 1e-12 ? variance : 0 };
  }

  /** Index of the first length that is greater than `limit`. */
  #above(limit: number): number {
    let low = 0;
    let high = this.#lengths.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lengths[middle] ?? Infinity) > limit) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
