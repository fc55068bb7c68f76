// SPDX-License-Identifier: MIT

/** Something that can stand in a {@link WaitingLine}. */
export interface Standing {
  /** Index of its place; written by the line alone. */
  place: number;
}

/** Smallest number of places; a power of two, as every capacity. */
const MIN_CAPACITY = 64;
/** A line whose places are used less than 1 in this many gives memory back. */
const SPARSE = 8;

/**
 * A line that is first in, first out, that anyone may leave, and that knows how many stand before each.
 *
 * Places are handed out in order and counted by a Fenwick tree, so every operation is O(log n). When the places run out,
 * those still in use are moved together, at most once per as many joins: amortized O(1), memory O(n).
 * Who steps out keeps the place, and stands where they stood when they step back in.
 */
export class WaitingLine<T extends Standing> {
  #places: (T | undefined)[] = [];
  /** `#tree[i]` counts the waiting in the `i & -i` places that end with place `i - 1`. */
  #tree = new Int32Array(MIN_CAPACITY + 1);
  #size = 0;
  readonly #steppedOut = new Set<T>();

  /** How many wait; those who stepped out do not count. */
  get size(): number {
    return this.#size;
  }

  /** Stands at the end. */
  join(item: T): void {
    if (this.#places.length === this.#capacity) this.#close();
    item.place = this.#places.length;
    this.#places.push(item);
    this.#count(item, 1);
  }

  /** Stops waiting and keeps the place. */
  stepOut(item: T): void {
    this.#count(item, -1);
    this.#steppedOut.add(item);
  }

  /** Waits again in the kept place. */
  stepBack(item: T): void {
    this.#steppedOut.delete(item);
    this.#count(item, 1);
  }

  /** Stops waiting for good. */
  leave(item: T): void {
    this.#count(item, -1);
    this.#vacate(item);
  }

  /** Gives up the place kept by {@link stepOut}. */
  giveUp(item: T): void {
    this.#steppedOut.delete(item);
    this.#vacate(item);
  }

  /** Who has waited longest. */
  first(): T | undefined {
    return this.#nth(1);
  }

  /** Who has waited shortest. */
  last(): T | undefined {
    return this.#nth(this.#size);
  }

  /** How many wait in front of `item`. */
  countBefore(item: T): number {
    let count = 0;
    for (let i = item.place; i > 0; i -= i & -i) count += this.#tree[i] ?? 0;
    return count;
  }

  get #capacity(): number {
    return this.#tree.length - 1;
  }

  #count(item: T, delta: 1 | -1): void {
    const tree = this.#tree;
    for (let i = item.place + 1; i < tree.length; i += i & -i) tree[i] = (tree[i] ?? 0) + delta;
    this.#size += delta;
  }

  #nth(rank: number): T | undefined {
    if (this.#size === 0) return undefined;
    const tree = this.#tree;
    let place = 0;
    let missing = rank;
    for (let step = this.#capacity; step > 0; step >>= 1) {
      const count = tree[place + step];
      if (count === undefined || count >= missing) continue;
      place += step;
      missing -= count;
    }
    return this.#places[place];
  }

  #vacate(item: T): void {
    this.#places[item.place] = undefined;
    const used = this.#size + this.#steppedOut.size;
    if (used === 0 || (this.#capacity > MIN_CAPACITY && used * SPARSE < this.#capacity)) this.#close();
  }

  /** Closes the gaps and leaves room for as many again. */
  #close(): void {
    const kept = this.#places.filter((item) => item !== undefined);
    let capacity = MIN_CAPACITY;
    while (capacity < kept.length * 2) capacity *= 2;
    const tree = capacity === this.#capacity ? this.#tree.fill(0) : new Int32Array(capacity + 1);
    kept.forEach((item, place) => {
      item.place = place;
      tree[place + 1] = this.#steppedOut.has(item) ? 0 : 1;
    });
    for (let i = 1; i <= capacity; i++) {
      const parent = i + (i & -i);
      if (parent <= capacity) tree[parent] = (tree[parent] ?? 0) + (tree[i] ?? 0);
    }
    this.#places = kept;
    this.#tree = tree;
  }
}
