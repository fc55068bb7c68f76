// SPDX-License-Identifier: MIT
import type { Labels, Sample } from './series.ts';

/** How many values lie below each bound, and what they come to. */
export class Distribution {
  readonly #bounds: readonly number[];
  /** Values by the first bound that they do not exceed; the last are those that exceed all. */
  readonly #counts: number[];
  #sum = 0;

  /** The bounds rise. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let index = 0;
    while (value > (this.#bounds[index] ?? Infinity)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  /** What a histogram of that name shows of it. */
  samples(name: string, labels: Labels): readonly Sample[] {
    let count = 0;
    const buckets = this.#counts.map((own, index): Sample => {
      count += own;
      return { labels: { le: this.#bounds[index] ?? '+Inf', ...labels }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels, value: this.#sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }
}
