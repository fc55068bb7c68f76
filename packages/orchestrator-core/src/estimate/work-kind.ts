// SPDX-License-Identifier: MIT
import type { JobWork } from './service-sample.ts';
import type { Moments } from './length-curve.ts';

/** A task among those of its kind. */
export interface WorkPlace {
  readonly kind: WorkKind;
  /** Grows with every task of the line; negative for a task that came back and stands before all others. */
  readonly order: number;
  /** Output length that the client told, or else allowed. */
  readonly tokens: number;
  /** How likely it starts at all, from 0 to 1: below 1 where its deadline may pass before. */
  readonly startChance: number;
  /** Index of its place; written by the kind alone. */
  place: number;
}

/** Tasks of one kind that stand before a place. */
export interface KindAhead {
  /** What those of them who start are like. */
  readonly work: JobWork;
  readonly count: number;
  /** How many of them will start. */
  readonly starts: Moments;
}

/** Smallest number of places; a power of two, as every capacity. */
const MIN_CAPACITY = 64;

/**
 * The waiting tasks of a line that differ in length by less than a factor of two, as far as is known, and how many starts
 * and tokens are expected before each: O(log n) by Fenwick trees. When the places run out, those still in use are moved
 * together.
 */
export class WorkKind {
  readonly #workload: JobWork['workload'];
  readonly #isTold: boolean;
  #items: (WorkPlace | undefined)[] = [];
  /** Of each place, ascending, also where the task has left. */
  #orders: number[] = [];
  /** `#counts[i]` counts the waiting in the `i & -i` places that end with place `i - 1`. */
  #counts = new Int32Array(MIN_CAPACITY + 1);
  /** The same for their starts, in mean and variance, and for their tokens, each by the chance that the task starts. */
  #starts = new Float64Array(MIN_CAPACITY + 1);
  #variances = new Float64Array(MIN_CAPACITY + 1);
  #tokens = new Float64Array(MIN_CAPACITY + 1);
  #size = 0;
  readonly #back = { count: 0, starts: 0, variance: 0, tokens: 0 };

  constructor(workload: JobWork['workload'], isTold: boolean) {
    this.#workload = workload;
    this.#isTold = isTold;
  }

  /** True when none of them waits. */
  get isEmpty(): boolean {
    return this.#size === 0 && this.#back.count === 0;
  }

  /** Stands at the end, or before all others. */
  join(item: WorkPlace): void {
    if (item.order < 0) return this.#addBack(item, 1);
    if (this.#items.length === this.#counts.length - 1) this.#close();
    item.place = this.#items.length;
    this.#items.push(item);
    this.#orders.push(item.order);
    this.#add(item, 1);
  }

  /** Stops waiting. */
  leave(item: WorkPlace): void {
    if (item.order < 0) return this.#addBack(item, -1);
    this.#add(item, -1);
    this.#items[item.place] = undefined;
    // Not at each end of a short wait: most tasks find a free slot.
    if (this.#size === 0 && this.#items.length * 2 >= this.#counts.length) this.#close();
  }

  /** How many of them stand before `order`. */
  countBefore(order: number): number {
    return this.#back.count + sumOf(this.#counts, this.#placeOf(order));
  }

  /** Those of them who stand before `order`, as one; undefined when there are none. */
  before(order: number): KindAhead | undefined {
    const until = this.#placeOf(order);
    const count = this.#back.count + sumOf(this.#counts, until);
    if (count === 0) return undefined;
    const mean = this.#back.starts + sumOf(this.#starts, until);
    // Whoever left leaves the last digits of a fraction behind.
    const variance = Math.max(0, this.#back.variance + sumOf(this.#variances, until));
    const tokens = (this.#back.tokens + sumOf(this.#tokens, until)) / mean;
    const workload = this.#workload;
    const work = this.#isTold
      ? { workload, expectedTokens: tokens, maxTokens: Infinity }
      : { workload, maxTokens: tokens };
    return { work, count, starts: { mean, variance } };
  }

  /** Number of places whose order is below `order`. */
  #placeOf(order: number): number {
    let low = 0;
    let high = this.#orders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#orders[middle] ?? Infinity) < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #addBack({ tokens, startChance }: WorkPlace, sign: 1 | -1): void {
    this.#back.count += sign;
    this.#back.starts += sign * startChance;
    this.#back.variance += sign * startChance * (1 - startChance);
    this.#back.tokens += sign * startChance * tokens;
  }

  #add({ place, tokens, startChance }: WorkPlace, sign: 1 | -1): void {
    this.#size += sign;
    const starts = sign * startChance;
    for (let i = place + 1; i < this.#counts.length; i += i & -i) {
      this.#counts[i] = (this.#counts[i] ?? 0) + sign;
      this.#starts[i] = (this.#starts[i] ?? 0) + starts;
      this.#variances[i] = (this.#variances[i] ?? 0) + starts * (1 - startChance);
      this.#tokens[i] = (this.#tokens[i] ?? 0) + starts * tokens;
    }
  }

  /** Closes the gaps and leaves room for as many again. */
  #close(): void {
    const kept = this.#items.filter((item) => item !== undefined);
    let capacity = MIN_CAPACITY;
    while (capacity < kept.length * 2) capacity *= 2;
    if (capacity + 1 === this.#counts.length) {
      for (const tree of [this.#counts, this.#starts, this.#variances, this.#tokens]) tree.fill(0);
    } else {
      this.#counts = new Int32Array(capacity + 1);
      this.#starts = new Float64Array(capacity + 1);
      this.#variances = new Float64Array(capacity + 1);
      this.#tokens = new Float64Array(capacity + 1);
    }
    this.#items = kept;
    this.#orders = kept.map(({ order }) => order);
    this.#size = 0;
    kept.forEach((item, place) => {
      item.place = place;
      this.#add(item, 1);
    });
  }
}

function sumOf(tree: Int32Array | Float64Array, place: number): number {
  let sum = 0;
  for (let i = place; i > 0; i -= i & -i) sum += tree[i] ?? 0;
  return sum;
}
