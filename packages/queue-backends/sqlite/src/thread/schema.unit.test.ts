// SPDX-License-Identifier: MIT
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { MIGRATIONS, migrate } from './schema.ts';

const OLD = ['CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)'];
const NEW = [...OLD, 'ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7', 'CREATE TABLE b (z INTEGER) STRICT'];

function read(database: DatabaseSync, sql: string): unknown {
  return database.prepare(sql).all();
}

verifies('ORCH-1208', 'an older database goes through every version between', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, OLD);
  migrate(database, NEW);
  migrate(database, NEW);
  expect(read(database, 'SELECT x, y FROM a')).toEqual([{ x: 1, y: 7 }]);
  expect(read(database, 'PRAGMA user_version')).toEqual([{ user_version: 3 }]);
  expect(() => migrate(database, OLD)).toThrow('schema version 3 is newer than 1');
});

verifies('ORCH-1208', 'a migration that fails leaves the older version whole', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, OLD);
  expect(() => migrate(database, [...NEW, 'CREATE NONSENSE'])).toThrow('syntax error');
  expect(read(database, 'SELECT * FROM a')).toEqual([{ x: 1 }]);
  expect(read(database, 'PRAGMA user_version')).toEqual([{ user_version: 1 }]);
  expect(database.isTransaction).toBe(false);
});

verifies('ORCH-1208', 'every table is strict', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database);
  const tables = database.prepare(
    "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  );
  const rows = tables.all() as { name: string; strict: number }[];
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ strict }) => strict !== 1)).toEqual([]);
  expect(MIGRATIONS.length).toBeGreaterThan(0);
});
