// SPDX-License-Identifier: MIT
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './schema.ts';
import { StoreRefusal } from './store-refusal.ts';

/** The oldest SQLite whose write-ahead log is trusted: earlier ones can lose frames in a race of checkpoint and reset. */
const OLDEST_SQLITE = '3.51.3';

/** In this order: the lock is exclusive before the first access, so no shared memory file is made, even by a recovery. */
const PRAGMAS = [
  ['locking_mode', 'EXCLUSIVE', 'exclusive'],
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['wal_autocheckpoint', '2000', 2_000],
  ['journal_size_limit', '67108864', 67_108_864],
  ['mmap_size', '0', 0],
  ['trusted_schema', 'OFF', 0],
  ['foreign_keys', 'ON', 1],
] as const;

/**
 * Opens the database for this process alone, with a schema of this release.
 *
 * @throws StoreRefusal, or an error of SQLite.
 */
export function openDatabase(file: string): DatabaseSync {
  checkSqliteVersion(sqliteVersion());
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true, allowExtension: false });
  try {
    // ORCH-1203: a setting that did not take would break a promise silently.
    for (const [name, value, expected] of PRAGMAS) {
      database.exec(`PRAGMA ${name} = ${value}`);
      const actual = readPragma(database, name);
      if (actual !== expected) throw new StoreRefusal('unusable', `PRAGMA ${name} is ${actual}, not ${expected}`);
    }
    // ORCH-1206: takes the lock now rather than at the first write.
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    migrate(database);
    return database;
  } catch (fault) {
    database.close();
    throw fault;
  }
}

/** Asked of a database of its own: any SELECT opens the write-ahead log, and before the lock is exclusive it is shared. */
function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  try {
    return String(database.prepare('SELECT sqlite_version() AS version').get()?.['version']);
  } finally {
    database.close();
  }
}

/** @throws StoreRefusal when this build of SQLite is too old. */
export function checkSqliteVersion(version: string): void {
  const [actual, oldest] = [version, OLDEST_SQLITE].map((text) => text.split('.').map(Number));
  for (const [index, least] of (oldest ?? []).entries()) {
    const part = actual?.[index] ?? 0;
    if (part > least) return;
    if (part < least || Number.isNaN(part)) {
      throw new StoreRefusal('old-sqlite', `SQLite ${version} is older than ${OLDEST_SQLITE}`);
    }
  }
}

function readPragma(database: DatabaseSync, name: string): string | number {
  const value = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  return typeof value === 'number' || typeof value === 'string' ? value : String(value);
}
