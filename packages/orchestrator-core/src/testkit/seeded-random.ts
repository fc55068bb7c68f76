// SPDX-License-Identifier: MIT
import type { IdSource, Random } from '../ports.ts';

/** Randomness that is the same for the same seed (xoshiro128**). */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => mix(seed + (i + 1) * 0x9e3779b9));
  }

  nextUint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const nextC = c ^ a;
    const nextD = d ^ b;
    this.#state.set([a ^ nextD, b ^ nextC, nextC ^ (b << 9), rotate(nextD, 11)]);
    return result;
  }

  /** A number in [0, 1). */
  ratio(): number {
    return this.nextUint32() / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.ratio() * bound);
  }

  /** One of `items`, which are not empty. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('Nothing to pick from');
    return item;
  }
}

/** Ids that are the same for the same random source. */
export class SeededIdSource implements IdSource {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  nextUuid(): string {
    const hex = Array.from({ length: 4 }, () => this.#random.nextUint32().toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Spreads close seeds far apart (murmur3's finalizer). */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
