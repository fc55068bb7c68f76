// SPDX-License-Identifier: MIT
import type { Cell } from './protocol.ts';

/**
 * One record as text: a string cell is its length, a colon and itself, a number stands between `#` and `;`, and null is `-`.
 * Records are put together as they are; nothing in them needs escaping, and JSON is not encoded a second time.
 */
export function encodeRecord(cells: readonly Cell[]): string {
  let text = '';
  for (const cell of cells) {
    if (typeof cell === 'string') text += `${cell.length}:${cell}`;
    else text += cell === null ? '-' : `#${cell};`;
  }
  return text;
}

/** A text of so many bytes more that says the same: no cell begins with a space. */
export function padRecords(text: string, byteCount: number): string {
  return text + ' '.repeat(byteCount);
}

/**
 * The cells of such texts, one after the other; padding ends them.
 *
 * @throws RangeError when the text is nothing that `encodeRecord` has written.
 */
export function decodeRecords(text: string): Cell[] {
  const cells: Cell[] = [];
  let place = 0;
  const until = (mark: string): string => {
    const end = text.indexOf(mark, place);
    if (end < 0) throw new RangeError('a journal record has no end');
    const part = text.slice(place, end);
    place = end + 1;
    return part;
  };
  while (place < text.length) {
    const mark = text[place];
    if (mark === ' ') break;
    if (mark === '-' || mark === '#') place += 1;
    if (mark === '-') cells.push(null);
    else if (mark === '#') cells.push(Number(until(';')));
    else {
      const length = Number(until(':'));
      if (!(place + length <= text.length)) throw new RangeError('a journal record is cut short');
      cells.push(text.slice(place, place + length));
      place += length;
    }
  }
  return cells;
}
