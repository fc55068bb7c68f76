// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { JournalRows } from './journal-rows.ts';
import { JournalWriter, type FoldTally, type JournalBatch } from './journal-writer.ts';
import { readMeta } from './read-contents.ts';

/**
 * The records of a database. A batch is committed as one row, which touches hardly more than one page; the tables learn of
 * many batches at once, in one transaction that frees their slots.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #writer: JournalWriter;
  readonly #rows: JournalRows;
  /** Committed, and not yet in the tables. */
  #unfolded: JournalBatch[];
  #sequence: number;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#writer = new JournalWriter(database);
    const folded = readMeta(database, 'sequence');
    this.#rows = new JournalRows(database, folded);
    const unfolded = database.prepare('SELECT sequence, at, records FROM journal WHERE sequence > ? ORDER BY sequence');
    this.#unfolded = unfolded.all(folded) as unknown as JournalBatch[];
    this.#sequence = this.#unfolded.at(-1)?.sequence ?? folded;
  }

  /** Number of the last record that is committed. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Commits the records or throws with none of them stored; those that the database was opened with are folded first. */
  append(records: string, recordCount: number, at: number): void {
    const sequence = this.#sequence + recordCount;
    const batch = { sequence, at, records };
    this.#rows.write(batch);
    this.#sequence = sequence;
    this.#unfolded.push(batch);
  }

  /** Brings everything that is committed into the tables, or throws with none of it there. */
  fold(): FoldTally {
    if (this.#unfolded.length === 0) return { endedCount: 0, staleCount: 0 };
    const tally = this.#writer.write(this.#unfolded);
    this.#unfolded = [];
    this.#rows.free(this.#sequence);
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
