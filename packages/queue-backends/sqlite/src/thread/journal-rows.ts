// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { padRecords } from '../record-text.ts';
import type { JournalBatch } from './journal-writer.ts';

/** Bytes of records that fill a row of one page, and of each page more. */
const PAGE_BYTES = 4_032;
const NEXT_PAGE_BYTES = 4_092;
/** A row of more pages than this is not padded: what it costs beside its own pages hardly counts. */
const MAX_PADDED_PAGES = 4;

/**
 * The rows of the journal. Each is padded to whole pages and written over one of as many, where there is one that nobody
 * needs: SQLite then writes these pages and no others.
 */
export class JournalRows {
  readonly #overwrite: ReturnType<DatabaseSync['prepare']>;
  readonly #insert: ReturnType<DatabaseSync['prepare']>;
  /** Taken slots by the pages of their rows; index 0 is of those that are not padded. */
  readonly #takenCounts = new Array<number>(MAX_PADDED_PAGES + 1).fill(0);
  #freeSequence: number;

  /** Rows of batches up to the number `freeSequence` are free. */
  constructor(database: DatabaseSync, freeSequence: number) {
    // SQLite writes in place only over a row of which it has read something, here the sequence.
    this.#overwrite = database.prepare(
      'UPDATE journal SET sequence = ?, at = ?, records = ? WHERE slot = ? AND sequence <= ?',
    );
    this.#insert = database.prepare('INSERT INTO journal (sequence, at, records, slot) VALUES (?, ?, ?, ?)');
    this.#freeSequence = freeSequence;
  }

  /** Commits the batch, or throws with nothing stored. */
  write({ sequence, at, records }: JournalBatch): void {
    const { pageCount, text } = padded(records);
    const slot = this.#slot(pageCount);
    // ORCH-1202: a statement alone is a transaction.
    const { changes } = this.#overwrite.run(sequence, at, text, slot, this.#freeSequence);
    if (changes === 0) this.#insert.run(sequence, at, text, slot);
    this.#takenCounts[pageCount] = (this.#takenCounts[pageCount] ?? 0) + 1;
  }

  /** Nobody needs the rows any more that have been written; the last has this number. */
  free(sequence: number): void {
    this.#freeSequence = sequence;
    this.#takenCounts.fill(0);
  }

  /** The next one for a row of so many pages. */
  #slot(pageCount: number): number {
    return (this.#takenCounts[pageCount] ?? 0) * this.#takenCounts.length + pageCount;
  }
}

function padded(records: string): { readonly pageCount: number; readonly text: string } {
  const sizeBytes = Buffer.byteLength(records);
  const nextPageCount = Math.ceil(Math.max(0, sizeBytes - PAGE_BYTES) / NEXT_PAGE_BYTES);
  if (nextPageCount >= MAX_PADDED_PAGES) return { pageCount: 0, text: records };
  const missingBytes = PAGE_BYTES + nextPageCount * NEXT_PAGE_BYTES - sizeBytes;
  return { pageCount: nextPageCount + 1, text: padRecords(records, missingBytes) };
}
