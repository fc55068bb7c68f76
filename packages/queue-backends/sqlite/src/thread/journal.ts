// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { JournalWriter, type FoldTally, type JournalBatch } from './journal-writer.ts';
import { readMeta } from './read-contents.ts';

/**
 * The records of a database. A batch is committed as one row, which touches hardly more than one page; the tables learn of
 * many batches at once, in one transaction that frees their slots.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #writer: JournalWriter;
  readonly #keep: ReturnType<DatabaseSync['prepare']>;
  /** Committed, and not yet in the tables. */
  #unfolded: JournalBatch[];
  #sequence: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#writer = new JournalWriter(database);
    this.#keep = database.prepare('INSERT OR REPLACE INTO journal (slot, sequence, at, records) VALUES (?, ?, ?, ?)');
    const folded = readMeta(database, 'sequence');
    const unfolded = database.prepare('SELECT sequence, at, records FROM journal WHERE sequence > ? ORDER BY sequence');
    this.#unfolded = unfolded.all(folded) as unknown as JournalBatch[];
    this.#sequence = this.#unfolded.at(-1)?.sequence ?? folded;
  }

  /** Number of the last record that is committed. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Commits the records or throws with none of them stored. */
  append(records: string, recordCount: number, at: number): void {
    const sequence = this.#sequence + recordCount;
    // ORCH-1202: a statement alone is a transaction.
    this.#keep.run(this.#unfolded.length, sequence, at, records);
    this.#sequence = sequence;
    this.#unfolded.push({ sequence, at, records });
  }

  /** Brings everything that is committed into the tables, or throws with none of it there. */
  fold(): FoldTally {
    if (this.#unfolded.length === 0) return { endedCount: 0, staleCount: 0 };
    const tally = this.#writer.write(this.#unfolded);
    this.#unfolded = [];
    return tally;
  }

  /** Takes note, for good, that so many committed records are gone; asked for with everything folded. */
  addLost(count: number): void {
    this.#database.exec('BEGIN IMMEDIATE');
    const add = this.#database.prepare('UPDATE meta SET value = value + ? WHERE key = ?');
    add.run(count, 'sequence');
    add.run(count, 'lost_records');
    // ORCH-1223: each lost record may have been a claim, and an epoch must not be given out twice.
    this.#database.prepare('UPDATE task SET epoch = epoch + ? WHERE end_seq IS NULL').run(count);
    this.#database.exec('COMMIT');
    this.#sequence += count;
  }
}
