// SPDX-License-Identifier: MIT

/** Bytes from `start` up to, and without, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Which bytes of a file are there: sorted ranges that neither touch nor overlap. */
export class ByteRanges {
  #ranges: ByteRange[] = [];

  constructor(ranges: readonly ByteRange[] = []) {
    for (const range of ranges) this.add(range);
  }

  /** Adds a range; what overlaps or touches it becomes one with it. */
  add({ start, end }: ByteRange): void {
    if (start >= end) return;
    const apart = this.#ranges.filter((range) => range.end < start || range.start > end);
    const joined = this.#ranges.filter((range) => range.end >= start && range.start <= end);
    const whole = {
      start: Math.min(start, ...joined.map((range) => range.start)),
      end: Math.max(end, ...joined.map((range) => range.end)),
    };
    this.#ranges = [...apart, whole].sort((a, b) => a.start - b.start);
  }

  /** How many bytes there are. */
  get sizeBytes(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Where the first gap begins. */
  get leadingEnd(): number {
    const first = this.#ranges[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** What is missing up to `totalBytes`, in pieces of at most `pieceBytes`, in order. */
  missing(totalBytes: number, pieceBytes: number): readonly ByteRange[] {
    const gaps: ByteRange[] = [];
    let from = 0;
    for (const { start, end } of [...this.#ranges, { start: totalBytes, end: totalBytes }]) {
      for (; from < Math.min(start, totalBytes); from = gaps.at(-1)?.end ?? from) {
        gaps.push({ start: from, end: Math.min(from + pieceBytes, start, totalBytes) });
      }
      from = Math.max(from, end);
    }
    return gaps;
  }

  /** A copy for a record. */
  toJSON(): readonly ByteRange[] {
    return this.#ranges;
  }
}
