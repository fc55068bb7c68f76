// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { MaintenanceReport, StoreAnswers, StoreCall, StoreContents, StoreSettings } from '../protocol.ts';
import { STORE_FILES } from '../store-files.ts';
import { ArchiveReader } from './archive-reader.ts';
import { Ballast } from './ballast.ts';
import { HighWater } from './high-water.ts';
import { Journal } from './journal.ts';
import { openDatabase } from './open-database.ts';
import { readContents } from './read-contents.ts';
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
  readonly #journal: Journal;
  readonly #archives: ArchiveReader;
  readonly #retention: Retention;
  /** Since the last report. */
  #staleCount = 0;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
    const path = (name: string): string => join(settings.directory, name);
    this.#database = openDatabase(path(STORE_FILES.database));
    this.#highWater = new HighWater(path(STORE_FILES.highWater));
    this.#ballast = new Ballast(path(STORE_FILES.ballast), settings.ballastBytes);
    this.#journal = new Journal(this.#database);
    this.#retention = new Retention(this.#database, settings);
    this.#archives = new ArchiveReader(this.#database);
    this.#fold();
    this.#noteLostTail();
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
        return this.#commit(call);
      case 'archive':
        this.#fold();
        return this.#archives.one(call.id);
      case 'archives':
        this.#fold();
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
        this.#close();
        return undefined;
    }
  }

  #commit({ records, recordCount, at }: Extract<StoreCall, { kind: 'commit' }>): StoreAnswers['commit'] {
    this.#withReserve(() => this.#journal.append(records, recordCount, at));
    this.#markHighWater();
    return this.#ballast.held ? undefined : 'space-low';
  }

  #fold(): void {
    const { endedCount, staleCount } = this.#withReserve(() => this.#journal.fold());
    this.#retention.added(endedCount);
    this.#staleCount += staleCount;
  }

  #withReserve<T>(write: () => T): T {
    try {
      return write();
    } catch (fault) {
      // ORCH-1212: the reserve is for exactly this moment.
      if (!isFull(fault) || !this.#ballast.release()) throw fault;
      return write();
    }
  }

  #close(): void {
    try {
      this.#fold();
    } catch {
      // It is committed, and whoever opens the directory next folds it.
    }
    this.#database.close();
    this.#highWater.close();
  }

  #markHighWater(): void {
    try {
      // ORCH-1210: after the commit, so that it never runs ahead of what is stored.
      this.#highWater.write(this.#journal.sequence);
    } catch {
      // The commit stands, and a mark that is too low accuses nobody; the next commit writes it again.
    }
  }

  #maintain(at: number, idle: boolean): MaintenanceReport {
    this.#fold();
    const staleCount = this.#staleCount;
    this.#staleCount = 0;
    return { more: this.#prune(at, idle), staleCount };
  }

  #prune(at: number, idle: boolean): boolean {
    if (!idle && this.#retention.excess < PRUNE_UNDER_LOAD_COUNT) return false;
    const more = this.#retention.removeSlice(at);
    if (idle && !more) this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    return more;
  }

  /** Counts committed records that are gone; the count stands until somebody acknowledges it. */
  #noteLostTail(): void {
    const lostCount = this.#highWater.read() - this.#journal.sequence;
    if (lostCount > 0) this.#journal.addLost(lostCount);
  }
}
