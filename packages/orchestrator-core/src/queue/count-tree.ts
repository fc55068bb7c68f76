// SPDX-License-Identifier: MIT

/** How many stand in each of a row of places, or how much they weigh, as a Fenwick tree: every operation is O(log n). */
export class CountTree {
  /** `#sums[i]` counts the `i & -i` places that end with place `i - 1`. */
  readonly #sums: Int32Array | Float64Array;
  #total = 0;

  /** @param capacity Number of places; a power of two. @param sums Float64Array for weights; counts are small. */
  constructor(capacity: number, sums: Int32Array | Float64Array = new Int32Array(capacity + 1)) {
    this.#sums = sums;
  }

  /** How many stand in all places. */
  get total(): number {
    return this.#total;
  }

  /** Number of places. */
  get capacity(): number {
    return this.#sums.length - 1;
  }

  /** One more or one less stands in a place, or so much weight. */
  add(place: number, delta: number): void {
    const sums = this.#sums;
    for (let i = place + 1; i < sums.length; i += i & -i) sums[i] = (sums[i] ?? 0) + delta;
    this.#total += delta;
  }

  /** How many stand in the places before this one. */
  before(place: number): number {
    let count = 0;
    for (let i = place; i > 0; i -= i & -i) count += this.#sums[i] ?? 0;
    return count;
  }

  /**
   * The place of the `rank`-th, counted from 1; the capacity when there are fewer.
   *
   * @param others Counted as if they stood here too; of the same capacity.
   */
  find(rank: number, others?: CountTree): number {
    let place = 0;
    let missing = rank;
    for (let step = this.capacity; step > 0; step >>= 1) {
      const next = place + step;
      if (next > this.capacity) continue;
      const count = (this.#sums[next] ?? 0) + (others === undefined ? 0 : (others.#sums[next] ?? 0));
      if (count >= missing) continue;
      place = next;
      missing -= count;
    }
    return place;
  }
}
