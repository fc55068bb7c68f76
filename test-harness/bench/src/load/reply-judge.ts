// SPDX-License-Identifier: MIT
import { stampsIn } from '../engine/token-stamp.ts';

/** What can be wrong with replies, counted. */
export interface Faults {
  missing: number;
  doubled: number;
  misplaced: number;
  surplus: number;
  /** Replies without a terminal frame, refused or cut. */
  broken: number;
}

/** No faults yet. */
export function noFaults(): Faults {
  return { missing: 0, doubled: 0, misplaced: 0, surplus: 0, broken: 0 };
}

/** The sum of all faults. */
export function faultCount(faults: Faults): number {
  const { missing, doubled, misplaced, surplus, broken } = faults;
  return missing + doubled + misplaced + surplus + broken;
}

/** Judges one reply as it arrives, by the index each token carries. */
export class ReplyJudge {
  readonly #expected: number;
  readonly #faults: Faults;
  readonly #onToken: (index: number, sentUs: number) => void;
  readonly #seen: Uint8Array;
  #next = 0;
  #ended = false;

  constructor(expected: number, faults: Faults, onToken: (index: number, sentUs: number) => void) {
    this.#expected = expected;
    this.#faults = faults;
    this.#onToken = onToken;
    this.#seen = new Uint8Array(expected);
  }

  /** Takes text of whole frames, of either protocol: stamps are found without parsing what is around them. */
  take(text: string): void {
    for (const { index, sentUs } of stampsIn(text)) this.#token(index, sentUs);
    if (text.includes('event: end\n') || text.includes('"stop":true')) this.#ended = true;
  }

  /** Closes the account: what did not come is missing, no terminal frame is a broken reply. */
  close(): void {
    this.#faults.missing += this.#seen.reduce((sum, seen) => sum - seen, this.#expected);
    if (!this.#ended) this.#faults.broken += 1;
  }

  #token(index: number, sentUs: number): void {
    if (index >= this.#expected) {
      this.#faults.surplus += 1;
      return;
    }
    if (this.#seen[index] === 1) {
      this.#faults.doubled += 1;
      return;
    }
    if (index !== this.#next) this.#faults.misplaced += 1;
    this.#seen[index] = 1;
    this.#next = index + 1;
    this.#onToken(index, sentUs);
  }
}
