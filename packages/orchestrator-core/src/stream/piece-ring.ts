// SPDX-License-Identifier: MIT
import { utf8Bytes } from './utf8-bytes.ts';

/** Dropped places are given back once they are this many and half of the array. */
const COMPACT_COUNT = 1_024;
/** Pieces stay out of the array until somebody reads, or they are this many. */
const MAX_FRESH_COUNT = 16;

/** A piece that is not in the array yet. */
interface FreshPiece {
  readonly text: string;
  readonly before: FreshPiece | undefined;
}

/**
 * The last pieces of a growing text. A piece keeps its index when older ones are dropped:
 *
 *     index    0 1 2 3 4 5 6
 *              x x x . . . .      x dropped, `firstIndex` = 3, `count` = 7
 */
export class PieceRing {
  // What a new piece touches stands first and together.
  #count = 0;
  #bytes = 0;
  /** The newest pieces, last first: each piece in an array costs two more cold places. */
  #fresh: FreshPiece | undefined;
  /** Pieces ever put into the array. */
  #gatheredCount = 0;
  /** The pieces before. */
  #texts: string[] = [];
  /** Dropped places at the front of the array. */
  #head = 0;
  #firstIndex = 0;

  /** Pieces ever added. */
  get count(): number {
    return this.#count;
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
    const index = this.#count;
    for (const text of texts) {
      this.#fresh = { text, before: this.#fresh };
      this.#bytes += utf8Bytes(text);
    }
    this.#count += texts.length;
    if (this.#count - this.#gatheredCount >= MAX_FRESH_COUNT) this.#gather();
    return index;
  }

  /** The pieces from `index` on, at most `maxCount`; `index` must be held or equal to `count`. */
  slice(index: number, maxCount: number): readonly string[] {
    this.#gather();
    const from = index - this.#firstIndex + this.#head;
    return this.#texts.slice(from, from + maxCount);
  }

  /** All held pieces as one text. */
  join(): string {
    this.#gather();
    return this.#head === 0 ? this.#texts.join('') : this.#texts.slice(this.#head).join('');
  }

  /** Drops everything; indexes go on. */
  clear(): void {
    this.#firstIndex = this.#gatheredCount = this.#count;
    this.#fresh = undefined;
    this.#texts = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  /** Drops the oldest piece held and answers it; empty when none is. */
  dropOldest(): string {
    this.#gather();
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

  #gather(): void {
    if (this.#fresh === undefined) return;
    const texts = textsUpTo(this.#fresh);
    this.#fresh = undefined;
    this.#gatheredCount = this.#count;
    if (this.#texts.length === 0) this.#texts = texts;
    else for (const text of texts) this.#texts.push(text);
  }
}

/** The pieces in their order. */
function textsUpTo(last: FreshPiece): string[] {
  const texts: string[] = [];
  for (let piece: FreshPiece | undefined = last; piece !== undefined; piece = piece.before) texts.push(piece.text);
  return texts.reverse();
}
