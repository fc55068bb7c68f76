// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { CommitReceipt, StoreAnswers, StoreCall, StoreContents, StoreSettings } from '../protocol.ts';
import { STORE_FILES } from '../store-files.ts';
import { ArchiveReader } from './archive-reader.ts';
import { Ballast } from './ballast.ts';
import { HighWater } from './high-water.ts';
import { JournalWriter, type BatchTally } from './journal-writer.ts';
import { openDatabase } from './open-database.ts';
import { readContents, readMeta } from './read-contents.ts';
import { Retention } from './retention.ts';
import { isFull } from './store-refusal.ts';
import { writeBackup } from './write-backup.ts';

/** Ended tasks beyond their limit before they are removed between two commits instead of in a quiet moment. */
const PRUNE_UNDER_LOAD_COUNT = 1_000;

/** The database of one directory with the files beside it; performs the calls of the main thread in their order. */
export class JournalStore {
  readonly #settings: StoreSettings;
  readonly #database: DatabaseSync;
  readonly #highWater: HighWater;
  readonly #ballast: Ballast;
  readonly #writer: JournalWriter;
  readonly #archives: ArchiveReader;
  readonly #retention: Retention;
  #sequence: number;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
    const path = (name: string): string => join(settings.directory, name);
    this.#database = openDatabase(path(STORE_FILES.database));
    this.#highWater = new HighWater(path(STORE_FILES.highWater));
    this.#ballast = new Ballast(path(STORE_FILES.ballast), settings.ballastBytes);
    this.#noteLostTail();
    this.#sequence = readMeta(this.#database, 'sequence');
    this.#writer = new JournalWriter(this.#database);
    this.#archives = new ArchiveReader(this.#database);
    this.#retention = new Retention(this.#database, settings);
    this.#ballast.regain();
  }

  /** What the database held when it was opened. */
  contents(): StoreContents {
    const { endedIds } = this.#settings;
    return { ...readContents(this.#database, endedIds), spaceLow: !this.#ballast.held };
  }

  /** @throws what SQLite or the file system throws; the database is then as it was before the call. */
  perform(call: StoreCall): StoreAnswers[keyof StoreAnswers] {
    switch (call.kind) {
      case 'commit':
        return this.#commit(call.cells, call.at);
      case 'archive':
        return this.#archives.one(call.id);
      case 'archives':
        return this.#archives.page(call.query);
      case 'maintain':
        return this.#maintain(call.at, call.idle);
      case 'regain':
        return this.#ballast.regain();
      case 'backup':
        writeBackup(this.#database, call.file);
        return undefined;
      case 'acknowledge':
        this.#database.exec("UPDATE meta SET value = 0 WHERE key = 'lost_records'");
        return undefined;
      case 'close':
        this.#database.close();
        this.#highWater.close();
        return undefined;
    }
  }

  #commit(cells: Parameters<JournalWriter['commit']>[0], at: number): CommitReceipt {
    const write = (): BatchTally => this.#writer.commit(cells, at, this.#sequence);
    let spaceLow = false;
    let tally: BatchTally;
    try {
      tally = write();
    } catch (fault) {
      // ORCH-1212: the reserve is for exactly this moment.
      if (!isFull(fault) || !this.#ballast.release()) throw fault;
      spaceLow = true;
      tally = write();
    }
    this.#sequence = tally.sequence;
    this.#retention.added(tally.endedCount);
    this.#markHighWater();
    return { staleCount: tally.staleCount, spaceLow: spaceLow || !this.#ballast.held };
  }

  #markHighWater(): void {
    try {
      // ORCH-1210: after the commit, so that it never runs ahead of what is stored.
      this.#highWater.write(this.#sequence);
    } catch {
      // The commit stands, and a mark that is too low accuses nobody; the next commit writes it again.
    }
  }

  #maintain(at: number, idle: boolean): boolean {
    if (!idle && this.#retention.excess < PRUNE_UNDER_LOAD_COUNT) return false;
    const more = this.#retention.removeSlice(at);
    if (idle && !more) this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    return more;
  }

  /** Counts committed records that are gone; the count stands until somebody acknowledges it. */
  #noteLostTail(): void {
    const lost = this.#highWater.read() - readMeta(this.#database, 'sequence');
    if (lost <= 0) return;
    this.#database.exec('BEGIN IMMEDIATE');
    const add = this.#database.prepare('UPDATE meta SET value = value + ? WHERE key = ?');
    add.run(lost, 'sequence');
    add.run(lost, 'lost_records');
    // ORCH-1223: each lost record may have been a claim, and an epoch must not be given out twice.
    this.#database.prepare('UPDATE task SET epoch = epoch + ? WHERE end_seq IS NULL').run(lost);
    this.#database.exec('COMMIT');
  }
}
