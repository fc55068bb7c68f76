// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, open, readFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { Task, TaskId } from '@llama-orch/orchestrator-core';
import { TEST_POOL, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory, type TemporaryDirectory } from './__fixtures__/test-store.ts';

const TASK_COUNT = 200;
const FILES = ['queue.sqlite', 'queue.sqlite-wal', 'queue.high-water'];
const quiet = new AbortController().signal;

/** A directory as a killed process leaves it: one batch per task, all of them in the write-ahead log. */
interface Remains {
  readonly path: string;
  readonly log: string;
  readonly tasks: readonly Task[];
}

/** Copies the files of a store at work; a copy keeps no lock, so it is what a kill at that moment leaves. */
async function killedStore(directory: TemporaryDirectory): Promise<Remains> {
  const [source, path] = [join(directory.path, 'source'), join(directory.path, 'copy')];
  const backend = await openStore(source);
  const tasks = Array.from({ length: TASK_COUNT }, () => buildTask());
  for (const task of tasks) await backend.queue.admit(task);
  const lease = (await backend.queue.claim(TEST_POOL, quiet))!;
  expect(lease.epoch).toBe(1);
  // A lease is not held back for its commit, as an answer is.
  expect(await backend.queue.cancel('nobody' as TaskId, 'client')).toBe('unknown');
  await mkdir(path);
  // By another process: closing the files in this one would drop SQLite's locks on them.
  execFileSync('cp', [...FILES.map((name) => join(source, name)), path]);
  await backend.close();
  return { path, log: join(path, 'queue.sqlite-wal'), tasks };
}

/** What a process finds there: the tasks that are left, which must be the oldest, and how many records are said to be lost. */
async function find({
  path,
  tasks,
}: Remains): Promise<{ readonly taskCount: number; readonly lostRecordCount: number }> {
  const backend = await openStore(path);
  const { tasks: found, lostRecordCount } = await backend.store.recover();
  expect(found.map(({ task }) => task.id)).toEqual(tasks.slice(0, found.length).map(({ id }) => id));
  expect(backend.health.lostRecordCount).toBe(lostRecordCount);
  expect(await backend.queue.admit(buildTask())).toMatchObject({ outcome: 'accepted' });
  await backend.close();
  return { taskCount: found.length, lostRecordCount };
}

verifies('ORCH-1211', 'garbage behind the log costs nothing', async () => {
  await using directory = await temporaryDirectory();
  const remains = await killedStore(directory);
  await appendFile(remains.log, Buffer.alloc(6_000, 0x5a));
  expect(await find(remains)).toEqual({ taskCount: TASK_COUNT, lostRecordCount: 0 });
});

verifies(
  'ORCH-1203',
  'the log of a killed process is taken over by this process alone, without shared memory',
  async () => {
    await using directory = await temporaryDirectory();
    const { path } = await killedStore(directory);
    const backend = await openStore(path);
    expect((await readdir(path)).filter((name) => name.endsWith('-shm'))).toEqual([]);
    await backend.close();
  },
);

verifies(['ORCH-1210', 'ORCH-1211'], 'a cut tail costs the batches in it, and they are counted', async () => {
  await using directory = await temporaryDirectory();
  const remains = await killedStore(directory);
  await truncate(remains.log, (await stat(remains.log)).size - 10);
  // The last batch was the claim.
  expect(await find(remains)).toEqual({ taskCount: TASK_COUNT, lostRecordCount: 1 });
});

verifies(['ORCH-1210', 'ORCH-1211'], 'a byte flipped in the middle is noticed with the exact count', async () => {
  await using directory = await temporaryDirectory();
  const remains = await killedStore(directory);
  await flipByte(remains.log, 0.5);
  const { taskCount, lostRecordCount } = await find(remains);
  expect(taskCount).toBeGreaterThan(TASK_COUNT / 4);
  expect(taskCount).toBeLessThan(TASK_COUNT);
  expect(lostRecordCount).toBe(TASK_COUNT + 1 - taskCount);
});

verifies(['ORCH-1210', 'ORCH-1223'], 'a loss stands until acknowledged, and no epoch is given out twice', async () => {
  await using directory = await temporaryDirectory();
  const remains = await killedStore(directory);
  await truncate(remains.log, (await stat(remains.log)).size - 10);
  let backend = await openStore(remains.path);
  await backend.close();
  backend = await openStore(remains.path);
  expect(backend.health.lostRecordCount).toBe(1);
  // The claim that was lost had epoch 1.
  expect(await backend.queue.claim(TEST_POOL, quiet)).toMatchObject({ epoch: 2, task: { id: remains.tasks[0]!.id } });
  await backend.acknowledgeLostRecords();
  expect(backend.health.lostRecordCount).toBe(0);
  await backend.close();
  backend = await openStore(remains.path);
  expect(backend.health.lostRecordCount).toBe(0);
  await backend.close();
});

verifies('ORCH-1210', 'the mark is 16 bytes, and one that cannot be trusted accuses nobody', async () => {
  await using directory = await temporaryDirectory();
  const remains = await killedStore(directory);
  const mark = join(remains.path, 'queue.high-water');
  const bytes = await readFile(mark);
  expect([bytes.length, bytes.readBigUInt64LE(4)]).toEqual([16, BigInt(TASK_COUNT + 1)]);
  await flipByte(mark, 0.5);
  expect(await find(remains)).toEqual({ taskCount: TASK_COUNT, lostRecordCount: 0 });
});

async function flipByte(path: string, ratio: number): Promise<void> {
  const file = await open(path, 'r+');
  const position = Math.floor((await file.stat()).size * ratio);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 0x40), 0, 1, position);
  await file.close();
}
