// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { Task } from '@llama-orch/orchestrator-core';
import { FakeClock, TEST_POOL, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { SETTINGS, openStore, temporaryDirectory } from './__fixtures__/test-store.ts';
import type { SqliteBackend } from './index.ts';
import { RECORD, type Cell } from './protocol.ts';
import { encodeRecord } from './record-text.ts';
import { JournalWriter } from './thread/journal-writer.ts';
import { openDatabase } from './thread/open-database.ts';
import { Retention } from './thread/retention.ts';

const quiet = new AbortController().signal;

async function runToEnd({ queue }: SqliteBackend, count: number): Promise<Task[]> {
  const tasks = Array.from({ length: count }, () => buildTask());
  for (const task of tasks) {
    await queue.admit(task);
    const lease = (await queue.claim(TEST_POOL, quiet))!;
    await queue.settle(lease, { outcome: 'completed' });
  }
  return tasks;
}

async function archivedIds({ store }: SqliteBackend): Promise<string[]> {
  const { archives } = await store.listArchives({ limit: 500 });
  return archives.map(({ task }) => task.id as string).reverse();
}

verifies(['ORCH-1214', 'ORCH-1225'], 'the newest ended tasks are kept, and ids longer than records', async () => {
  await using directory = await temporaryDirectory();
  const retention = { archivedTasks: 4, archiveAgeMs: 3_600_000, endedIds: 7 };
  let backend = await openStore(directory.path, { retention });
  const tasks = await runToEnd(backend, 10);
  const waiting = buildTask();
  await backend.queue.admit(waiting);
  await backend.maintain();
  expect(await archivedIds(backend)).toEqual(tasks.slice(6).map(({ id }) => id));
  expect(await backend.store.archive(tasks[5]!.id)).toBeUndefined();
  await backend.close();
  backend = await openStore(directory.path, { retention });
  expect((await backend.store.recover()).tasks.map(({ task }) => task.id)).toEqual([waiting.id]);
  for (const task of tasks.slice(3)) expect(await backend.queue.admit(task)).toEqual({ outcome: 'repeated' });
  expect(await backend.queue.admit(tasks[2]!)).toMatchObject({ outcome: 'accepted' });
  await backend.close();
});

verifies('ORCH-1214', 'a quiet second removes what is too old', async () => {
  await using directory = await temporaryDirectory();
  const clock = new FakeClock();
  const retention = { ...SETTINGS.retention, archiveAgeMs: 60_000 };
  const backend = await openStore(directory.path, { retention, clock });
  await runToEnd(backend, 3);
  await clock.advance(60_001);
  const late = await runToEnd(backend, 1);
  await clock.advance(61_000);
  expect(await archivedIds(backend)).toEqual(late.map(({ id }) => id));
  await backend.close();
});

verifies('ORCH-1214', 'a slice removes at most 200 rows', async () => {
  await using directory = await temporaryDirectory();
  const database = openDatabase(join(directory.path, 'queue.sqlite'));
  const cells = Array.from({ length: 450 }, (_, index): Cell[] => [
    ...[RECORD.admit, `id-${index}`, 'pool', 'batch', null, 'print', 0, '{}', 0],
    ...[RECORD.end, `id-${index}`, 'completed', 1, '{}', '{"pieces":["x"]}'],
  ]);
  const records = cells.map(encodeRecord).join('');
  const { endedCount } = new JournalWriter(database).write([{ sequence: 900, at: 0, records }]);
  expect(endedCount).toBe(450);
  const rowsOf = (table: string): unknown =>
    database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'];
  const retention = new Retention(database, { archivedTasks: 10, archiveAgeMs: 1_000, endedIds: 30 });
  const left: unknown[] = [];
  while (retention.removeSlice(500)) left.push(rowsOf('task'));
  // Two slices of records, one that ends with ids, and ids alone.
  expect(left).toEqual([250, 50, 10, 10]);
  const tables = ['task', 'request', 'archive', 'used_id'].map(rowsOf);
  expect(tables).toEqual([10, 10, 10, 20]);
  expect(retention.removeSlice(1_001)).toBe(false);
  expect(rowsOf('task')).toBe(0);
  database.close();
});
