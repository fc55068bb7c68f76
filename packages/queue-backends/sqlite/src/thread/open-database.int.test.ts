// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { TEST_POOL } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from '../__fixtures__/test-store.ts';
import { openDatabase } from './open-database.ts';

const SCHEMA_1 = new URL('../__fixtures__/schema-1.sql', import.meta.url);

verifies('ORCH-1203', 'every setting is in force', async () => {
  await using directory = await temporaryDirectory();
  const database = openDatabase(join(directory.path, 'queue.sqlite'));
  const read = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect({
    journal_mode: read('journal_mode'),
    synchronous: read('synchronous'),
    locking_mode: read('locking_mode'),
    wal_autocheckpoint: read('wal_autocheckpoint'),
    journal_size_limit: read('journal_size_limit'),
    mmap_size: read('mmap_size'),
    trusted_schema: read('trusted_schema'),
    foreign_keys: read('foreign_keys'),
  }).toEqual({
    journal_mode: 'wal',
    synchronous: 2,
    locking_mode: 'exclusive',
    wal_autocheckpoint: 2_000,
    journal_size_limit: 64 << 20,
    mmap_size: 0,
    trusted_schema: 0,
    foreign_keys: 1,
  });
  database.close();
});

verifies('ORCH-1203', 'a setting that does not take is a start failure', () => {
  // A database in memory cannot have a write-ahead log.
  expect(() => openDatabase(':memory:')).toThrow('PRAGMA journal_mode is memory, not wal');
});

verifies(['ORCH-1208', 'ORCH-1220'], 'a database of schema version 1 gives the same queue', async () => {
  await using directory = await temporaryDirectory();
  const database = new DatabaseSync(join(directory.path, 'queue.sqlite'));
  database.exec(await readFile(SCHEMA_1, 'utf8'));
  database.close();
  const backend = await openStore(directory.path);
  const { tasks, sessions, statistics } = await backend.store.recover();
  expect(tasks.map(({ task, attempts, delivered }) => [task.id, attempts, delivered?.pieceCount])).toEqual([
    ['ran', 1, 3],
    ['first', 0, undefined],
    ['second', 0, undefined],
  ]);
  expect(sessions).toEqual([{ id: 'talk', turns: 1, ttlMsRemaining: 600_000, usedTokens: 5 }]);
  expect(statistics.get(TEST_POOL)).toBe('{}');
  expect(await backend.queue.admit({ ...tasks[0]!.task, id: 'gone' as never, fingerprint: 'print' })).toEqual({
    outcome: 'repeated',
  });
  const { archives } = await backend.store.listArchives({ limit: 5 });
  expect(archives.map(({ task, state, pieces }) => [task.id, state, pieces])).toEqual([
    ['ended', 'completed', ['a', 'b']],
  ]);
  await backend.close();
});
