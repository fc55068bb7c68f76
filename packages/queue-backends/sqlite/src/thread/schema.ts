// SPDX-License-Identifier: MIT
import type { DatabaseSync } from 'node:sqlite';
import { StoreRefusal } from './store-refusal.ts';

/**
 * Each entry brings the schema from the version of its index to the next; none is ever changed. What is written often is
 * kept apart from what is large: SQLite writes a row as a whole.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  INSERT INTO meta VALUES ('sequence', 0), ('lost_records', 0);

  -- seq is the number of the journal record that admitted the task, end_seq of the one that ended it.
  CREATE TABLE task (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    pool TEXT NOT NULL,
    priority TEXT NOT NULL,
    session TEXT,
    state TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    position INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    runs TEXT,
    piece_count INTEGER,
    prefix_sha256 TEXT,
    end_seq INTEGER,
    ended_at INTEGER,
    settled_epoch INTEGER
  ) STRICT;
  CREATE INDEX task_ended ON task (end_seq) WHERE end_seq IS NOT NULL;

  CREATE TABLE request (seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE, body TEXT NOT NULL) STRICT;
  CREATE TABLE admission (seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE, body TEXT NOT NULL) STRICT;
  CREATE TABLE archive (
    seq INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
    result TEXT NOT NULL,
    transcript BLOB
  ) STRICT;

  -- Ended tasks whose record is gone, in the order of their ends.
  CREATE TABLE used_id (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_epoch INTEGER
  ) STRICT;

  CREATE TABLE session (id TEXT PRIMARY KEY, kept_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE statistics (pool TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  `,
  'CREATE TABLE key_account (id TEXT PRIMARY KEY, kept_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT',
  `
  -- Number of the record that moved the task to the end of its priority; absent where it stands where it was admitted.
  ALTER TABLE task ADD COLUMN place INTEGER;
  CREATE TABLE paused_pool (pool TEXT PRIMARY KEY) STRICT;
  `,
  // Interactive claims in a row that have passed waiting batch work.
  'CREATE TABLE burst (pool TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT',
  // A short transcript stands there as it is, a long one deflated in the other column.
  'ALTER TABLE archive ADD COLUMN short_transcript TEXT',
  `
  -- Committed batches of records, by the number of their last one. Those up to the sequence of meta are in the tables
  -- already, and their slots are free: a row that is written over costs one page, a new one several.
  CREATE TABLE journal (
    slot INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    records TEXT NOT NULL
  ) STRICT
  `,
];

/**
 * Brings the database to the newest version, in one transaction.
 *
 * @throws StoreRefusal `newer-schema` when a later release wrote it.
 */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  // ORCH-1208: forward only; what a later release means by its tables is not known here.
  if (version > migrations.length) {
    throw new StoreRefusal('newer-schema', `schema version ${version} is newer than ${migrations.length}`);
  }
  if (version === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec('COMMIT');
  } catch (fault) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw fault;
  }
}
