// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { deflateSync } from 'node:zlib';
import { RECORD, type Cell } from '../protocol.ts';
import { decodeRecords } from '../record-text.ts';
import { readMeta } from './read-contents.ts';

/** Speed matters more than size: the next commit waits for it. */
const DEFLATE = { level: 1 } as const;
/** Characters of a transcript that is stored as it is: one more page costs less than to deflate it. */
const SHORT_CHARS = 4_096;

/** Records that were committed together. */
export interface JournalBatch {
  /** Number of its last record. */
  readonly sequence: number;
  /** Wall time. */
  readonly at: number;
  readonly records: string;
}

/** What batches did to the tables. */
export interface FoldTally {
  readonly endedCount: number;
  /** Records that met no task under their epoch, and changed nothing. */
  readonly staleCount: number;
}

/** The record that is being written. */
interface Writing {
  /** Number of the record. */
  sequence: number;
  /** Wall time of its batch. */
  at: number;
  endedCount: number;
  staleCount: number;
}

/** Brings batches of journal records into the tables. */
export class JournalWriter {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /** Writes the batches and notes that they are written, in one transaction, or throws with nothing changed. */
  write(batches: readonly JournalBatch[]): FoldTally {
    const writing = { sequence: readMeta(this.#database, 'sequence'), at: 0, endedCount: 0, staleCount: 0 };
    this.#sql.begin.run();
    try {
      for (const { records, at } of batches) {
        const cells = decodeRecords(records);
        writing.at = at;
        for (let place = 0; place < cells.length;) place = this.#write(cells, place, writing);
      }
      this.#sql.sequence.run(writing.sequence);
      this.#sql.commit.run();
      return writing;
    } catch (fault) {
      // A full disk has rolled it back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw fault;
    }
  }

  /** Writes the record that begins at `place`; answers where the next one begins. */
  #write(cells: readonly Cell[], place: number, writing: Writing): number {
    const sql = this.#sql;
    const cell = (index: number): Cell => cells[place + index] ?? null;
    writing.sequence += 1;
    switch (cell(0)) {
      case RECORD.admit:
        return this.#admit(cells, place, writing);
      case RECORD.claim:
        this.#expect(sql.claim.run(cell(2), cell(1)), writing);
        return place + 3;
      case RECORD.release:
        this.#expect(sql.release.run(cell(1), cell(2)), writing);
        return place + 3;
      case RECORD.end:
        this.#expect(sql.end.run(cell(2), writing.sequence, writing.at, cell(3), cell(1)), writing, 1);
        if (cell(4) !== null) this.#archive(cell(1), cell(4), cell(5));
        return place + 6;
      case RECORD.archive:
        this.#archive(cell(1), cell(2), cell(3));
        return place + 4;
      case RECORD.admission:
        // The first answer stands, and a repeat of it is nothing stale.
        sql.admission.run(cell(2), cell(1));
        return place + 3;
      case RECORD.progress:
        // ORCH-1223: progress counts under the epoch that made it.
        this.#expect(sql.progress.run(cell(3), cell(4), cell(1), cell(2)), writing);
        return place + 5;
      case RECORD.priority:
        this.#expect(sql.priority.run(cell(2), writing.sequence, cell(1)), writing);
        return place + 3;
      case RECORD.attempts:
        this.#expect(sql.attempts.run(cell(3), cell(1), cell(2)), writing);
        return place + 4;
      default:
        return this.#writeBeside(cells, place, writing.at);
    }
  }

  /** What is kept beside the tasks: one value by key, the newest. */
  #writeBeside(cells: readonly Cell[], place: number, at: number): number {
    const sql = this.#sql;
    const cell = (index: number): Cell => cells[place + index] ?? null;
    switch (cell(0)) {
      case RECORD.session:
        if (cell(2) === null) sql.endSession.run(cell(1));
        else sql.session.run(cell(1), at, cell(2));
        return place + 3;
      case RECORD.pause:
        (cell(2) === 1 ? sql.pause : sql.resume).run(cell(1));
        return place + 3;
      case RECORD.burst:
        sql.burst.run(cell(1), cell(2));
        return place + 3;
      case RECORD.key:
        sql.key.run(cell(1), at, cell(2));
        return place + 3;
      case RECORD.statistics:
        sql.statistics.run(cell(1), cell(2));
        return place + 3;
      default:
        throw new RangeError(`no journal record begins with ${cell(0)}`);
    }
  }

  /** ORCH-1251: a newcomer and those evicted for it are one record, so one transaction. */
  #admit(cells: readonly Cell[], place: number, writing: Writing): number {
    const cell = (index: number): Cell => cells[place + index] ?? null;
    const evictedCount = Number(cell(8));
    for (let index = 0; index < evictedCount; index++) {
      this.#expect(this.#sql.end.run('evicted', writing.sequence, writing.at, null, cell(9 + index)), writing, 1);
    }
    this.#sql.admit.run(writing.sequence, cell(1), cell(2), cell(3), cell(4), cell(5), cell(6));
    this.#sql.request.run(writing.sequence, cell(7));
    return place + 9 + evictedCount;
  }

  #archive(id: Cell, result: Cell, transcript: Cell): void {
    if (typeof transcript === 'string' && transcript.length > SHORT_CHARS) {
      this.#sql.archive.run(result, deflateSync(transcript, DEFLATE), null, id);
    } else this.#sql.archive.run(result, null, transcript, id);
  }

  #expect({ changes }: { readonly changes: number | bigint }, writing: Writing, endedCount = 0): void {
    if (changes === 0) writing.staleCount += 1;
    else writing.endedCount += endedCount;
  }
}

function prepare(database: DatabaseSync) {
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    sequence: database.prepare("UPDATE meta SET value = ? WHERE key = 'sequence'"),
    // An ended task whose id the queue has forgotten gives way.
    admit: database.prepare(
      `INSERT OR REPLACE INTO task (seq, id, pool, priority, session, state, fingerprint, position)
       VALUES (?, ?, ?, ?, ?, 'queued', ?, ?)`,
    ),
    request: database.prepare('INSERT INTO request VALUES (?, ?)'),
    claim: database.prepare(
      "UPDATE task SET state = 'running', epoch = ?, attempts = attempts + 1 WHERE id = ? AND end_seq IS NULL",
    ),
    release: database.prepare(
      "UPDATE task SET state = 'queued', attempts = attempts - 1 WHERE id = ? AND epoch = ? AND end_seq IS NULL",
    ),
    end: database.prepare(
      'UPDATE task SET state = ?, end_seq = ?, ended_at = ?, settled_epoch = ? WHERE id = ? AND end_seq IS NULL',
    ),
    archive: database.prepare(
      `INSERT OR IGNORE INTO archive (seq, result, transcript, short_transcript)
       SELECT seq, ?, ?, ? FROM task WHERE id = ? AND end_seq IS NOT NULL`,
    ),
    admission: database.prepare('INSERT OR IGNORE INTO admission SELECT seq, ? FROM task WHERE id = ?'),
    progress: database.prepare(
      `UPDATE task SET piece_count = ?, prefix_sha256 = ?
       WHERE id = ? AND epoch = ? AND state = 'running'`,
    ),
    attempts: database.prepare("UPDATE task SET runs = ? WHERE id = ? AND epoch = ? AND state = 'running'"),
    session: database.prepare('INSERT OR REPLACE INTO session VALUES (?, ?, ?)'),
    endSession: database.prepare('DELETE FROM session WHERE id = ?'),
    key: database.prepare('INSERT OR REPLACE INTO key_account VALUES (?, ?, ?)'),
    priority: database.prepare("UPDATE task SET priority = ?, place = ? WHERE id = ? AND state = 'queued'"),
    pause: database.prepare('INSERT OR IGNORE INTO paused_pool VALUES (?)'),
    resume: database.prepare('DELETE FROM paused_pool WHERE pool = ?'),
    burst: database.prepare('INSERT OR REPLACE INTO burst VALUES (?, ?)'),
    statistics: database.prepare('INSERT OR REPLACE INTO statistics VALUES (?, ?)'),
  };
}
