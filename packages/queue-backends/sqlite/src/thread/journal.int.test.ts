// SPDX-License-Identifier: MIT
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { temporaryDirectory } from '../__fixtures__/test-store.ts';
import { RECORD } from '../protocol.ts';
import { encodeRecord } from '../record-text.ts';
import { Journal } from './journal.ts';
import { openDatabase } from './open-database.ts';

const admitted = (id: string): string => encodeRecord([RECORD.admit, id, 'pool', 'batch', null, 'print', 0, '{}', 0]);
const ended = (id: string): string => encodeRecord([RECORD.end, id, 'completed', 1, '{}', null]);

/** What the tables know, and how many batches they do not know of. */
function look(database: DatabaseSync): unknown {
  const tasks = database.prepare('SELECT id, end_seq, ended_at FROM task ORDER BY seq').all();
  const unfolded =
    "SELECT count(*) AS count FROM journal WHERE sequence > (SELECT value FROM meta WHERE key = 'sequence')";
  const { count } = database.prepare(unfolded).get() ?? {};
  return [tasks.map((row) => Object.values(row)), count];
}

verifies('ORCH-1219', 'batches reach the tables together, also those of a process that was killed', async () => {
  await using directory = await temporaryDirectory();
  const database = openDatabase(join(directory.path, 'queue.sqlite'));
  const killed = new Journal(database);
  killed.append(admitted('a') + admitted('b'), 2, 100);
  killed.append(ended('a'), 1, 200);
  expect(look(database)).toEqual([[], 2]);
  const journal = new Journal(database);
  expect(journal.sequence).toBe(3);
  expect(journal.fold()).toMatchObject({ endedCount: 1, staleCount: 0 });
  const folded = [
    ['a', 3, 200],
    ['b', null, null],
  ];
  expect(look(database)).toEqual([folded, 0]);
  journal.append(ended('gone'), 1, 300);
  expect(journal.fold()).toMatchObject({ endedCount: 0, staleCount: 1 });
  expect(journal.fold()).toMatchObject({ endedCount: 0, staleCount: 0 });
  expect(new Journal(database).sequence).toBe(4);
  database.close();
});

verifies('ORCH-1219', 'what cannot be brought into the tables stays in the journal, whole', async () => {
  await using directory = await temporaryDirectory();
  const database = openDatabase(join(directory.path, 'queue.sqlite'));
  const journal = new Journal(database);
  journal.append(admitted('a'), 1, 100);
  journal.append(encodeRecord([99]), 1, 200);
  expect(() => journal.fold()).toThrow('no journal record begins with 99');
  expect([look(database), database.isTransaction]).toEqual([[[], 2], false]);
  database.exec('DELETE FROM journal WHERE sequence = 2');
  new Journal(database).fold();
  expect(look(database)).toEqual([[['a', null, null]], 0]);
  database.close();
});

const WAL_PAGE_BYTES = 24 + 4_096;

verifies('ORCH-1219', 'a batch over the row of an earlier one writes the pages of its row and no others', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'queue.sqlite');
  const database = openDatabase(file);
  const journal = new Journal(database);
  /** Appends records of so many times three bytes and answers how many pages each wrote. */
  const append = (sizes: readonly number[]): readonly number[] =>
    sizes.map((size, index) => {
      const before = statSync(`${file}-wal`).size;
      journal.append(encodeRecord([RECORD.statistics, 'pool', `${index}é`.repeat(size)]), 1, 100);
      return (statSync(`${file}-wal`).size - before) / WAL_PAGE_BYTES;
    });
  append([100, 2_000, 200, 5_000]);
  journal.fold();
  expect(append([2_100, 300, 4_900, 400])).toEqual([2, 1, 4, 1]);
  database.close();
});
