// SPDX-License-Identifier: MIT
import { utf8Bytes } from './utf8-bytes.ts';

/** Dropped places are given back once they are this many and half of the array. */
const COMPACT_COUNT = 1_024;

/**
 * The last pieces of a growing text. A piece keeps its index when older ones are dropped:
 *
 *     index    0 1 2 3 4 5 6
 *              x x x . . . .      x dropped, `firstIndex` = 3, `count` = 7
 */
export class PieceRing {
  #texts: string[] = [];
  #bytes = 0;
  #firstIndex = 0;
  /** Dropped places at the front of the array. */
  #head = 0;

  /** Pieces ever added. */
  get count(): number {
    return this.#firstIndex + this.#texts.length - this.#head;
  }

  /** Index of the oldest piece still held; `count` when none is. */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /** UTF-8 bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds pieces; answers the index of the first. */
  push(texts: readonly string[]): number {
    const index = this.count;
    for (const text of texts) {
      this.#texts.push(text);
      this.#bytes += utf8Bytes(text);
    }
    return index;
  }

  /** The pieces from `index` on, at most `maxCount`; `index` must be held or equal to `count`. */
  slice(index: number, maxCount: number): readonly string[] {
    const from = index - this.#firstIndex + this.#head;
    return this.#texts.slice(from, from + maxCount);
  }

  /** All held pieces as one text. */
  join(): string {
    return this.#head === 0 ? this.#texts.join('') : this.#texts.slice(this.#head).join('');
  }

  /** Drops everything; indexes go on. */
  clear(): void {
    this.#firstIndex = this.count;
    this.#texts = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  /** Drops the oldest piece held and answers it; empty when none is. */
  dropOldest(): string {
    const text = this.#texts[this.#head];
    if (text === undefined) return '';
    this.#texts[this.#head] = '';
    this.#head += 1;
    this.#firstIndex += 1;
    this.#bytes -= utf8Bytes(text);
    if (this.#head >= COMPACT_COUNT && this.#head * 2 >= this.#texts.length) {
      this.#texts = this.#texts.slice(this.#head);
      this.#head = 0;
    }
    return text;
  }
}
