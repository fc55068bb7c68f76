// SPDX-License-Identifier: MIT
import { CountTree } from './count-tree.ts';

/** Something that can stand in a {@link WaitingLine}. */
export interface Standing {
  /** Index of its place; written by the line alone. */
  place: number;
  /** Whether it may go next, is passed over, or has stepped out; written by the line alone. */
  standing: 'ready' | 'parked' | 'out';
}

/** Smallest number of places; a power of two, as every capacity. */
const MIN_CAPACITY = 64;
/** A line whose places are used less than 1 in this many gives memory back. */
const SPARSE = 8;

/**
 * A line that is first in, first out, that anyone may leave, and that knows how many stand before each.
 *
 * Places are handed out in order and counted by Fenwick trees, so every operation is O(log n). When the places run out,
 * those still in use are moved together, at most once per as many joins: amortized O(1), memory O(n).
 * Who steps out keeps the place, and stands where they stood when they step back in. Who is parked waits on in the kept
 * place, but is passed over.
 */
export class WaitingLine<T extends Standing> {
  #places: (T | undefined)[] = [];
  /** Those who may go next. */
  #ready = new CountTree(MIN_CAPACITY);
  /** Those who wait and may not. */
  #parked = new CountTree(MIN_CAPACITY);
  /** What those who may go next cost; kept from the first question for it on. */
  #costs: CountTree | undefined;
  /** Places kept by those who stepped out. */
  #outCount = 0;
  readonly #costOf: (item: T) => number;

  /** `costOf`: a whole number, at least 1, that never changes; default 1. */
  constructor(costOf: (item: T) => number = () => 1) {
    this.#costOf = costOf;
  }

  /** How many wait; those who stepped out do not count. */
  get size(): number {
    return this.#ready.total + this.#parked.total;
  }

  /** How many of them are not parked. */
  get readySize(): number {
    return this.#ready.total;
  }

  /** Stands at the end. */
  join(item: T): void {
    if (this.#places.length === this.#ready.capacity) this.#close();
    item.place = this.#places.length;
    item.standing = 'ready';
    this.#places.push(item);
    this.#setReady(item, 1);
  }

  /** Waits on, but is passed over until {@link unpark}. */
  park(item: T): void {
    item.standing = 'parked';
    this.#setReady(item, -1);
    this.#parked.add(item.place, 1);
  }

  /** Is passed over no longer. */
  unpark(item: T): void {
    item.standing = 'ready';
    this.#parked.add(item.place, -1);
    this.#setReady(item, 1);
  }

  /** Stops waiting and keeps the place; not for one who is parked. */
  stepOut(item: T): void {
    this.#setReady(item, -1);
    item.standing = 'out';
    this.#outCount += 1;
  }

  /** Waits again in the kept place. */
  stepBack(item: T): void {
    item.standing = 'ready';
    this.#outCount -= 1;
    this.#setReady(item, 1);
  }

  /** Stops waiting for good, parked or not. */
  leave(item: T): void {
    if (item.standing === 'parked') this.#parked.add(item.place, -1);
    else this.#setReady(item, -1);
    this.#vacate(item);
  }

  /** Gives up the place kept by {@link stepOut}. */
  giveUp(item: T): void {
    this.#outCount -= 1;
    this.#vacate(item);
  }

  /** Who is next: who has waited longest of those who are not parked. */
  first(): T | undefined {
    return this.readySize === 0 ? undefined : this.#places[this.#ready.find(1)];
  }

  /** Who has waited longest, parked or not. */
  oldest(): T | undefined {
    return this.#nth(1);
  }

  /** Who has waited shortest, parked or not. */
  last(): T | undefined {
    return this.#nth(this.size);
  }

  /** How many of those who are not parked wait in front of `item`. */
  countBefore(item: T): number {
    return this.#ready.before(item.place);
  }

  /** What those who are not parked and wait in front of `item` cost together. */
  costBefore(item: T): number {
    return this.#trackCosts().before(item.place);
  }

  /** How many of those who are not parked go, one after the other, before more than `cost` is used up. */
  countWithin(cost: number): number {
    if (cost < 1) return 0;
    return this.#ready.before(this.#trackCosts().find(cost + 1));
  }

  #setReady(item: T, delta: 1 | -1): void {
    this.#ready.add(item.place, delta);
    this.#costs?.add(item.place, delta * this.#costOf(item));
  }

  #trackCosts(): CountTree {
    this.#costs ??= this.#weigh();
    return this.#costs;
  }

  #weigh(): CountTree {
    const { capacity } = this.#ready;
    const costs = new CountTree(capacity, new Float64Array(capacity + 1));
    for (const [place, item] of this.#places.entries()) {
      if (item?.standing === 'ready') costs.add(place, this.#costOf(item));
    }
    return costs;
  }

  #nth(rank: number): T | undefined {
    return this.size === 0 ? undefined : this.#places[this.#ready.find(rank, this.#parked)];
  }

  #vacate(item: T): void {
    this.#places[item.place] = undefined;
    const used = this.size + this.#outCount;
    const { capacity } = this.#ready;
    if (used === 0 || (capacity > MIN_CAPACITY && used * SPARSE < capacity)) this.#close();
  }

  /** Closes the gaps and leaves room for as many again. */
  #close(): void {
    const kept = this.#places.filter((item) => item !== undefined);
    let capacity = MIN_CAPACITY;
    while (capacity < kept.length * 2) capacity *= 2;
    this.#ready = new CountTree(capacity);
    this.#parked = new CountTree(capacity);
    kept.forEach((item, place) => {
      item.place = place;
      if (item.standing !== 'out') (item.standing === 'parked' ? this.#parked : this.#ready).add(place, 1);
    });
    this.#places = kept;
    if (kept.length === 0) this.#costs = undefined;
    else this.#costs &&= this.#weigh();
  }
}
