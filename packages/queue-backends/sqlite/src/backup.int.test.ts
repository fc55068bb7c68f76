// SPDX-License-Identifier: MIT
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';
import { restoreSqliteBackup } from './index.ts';
import { RECORD } from './protocol.ts';
import { encodeRecord } from './record-text.ts';
import { Journal } from './thread/journal.ts';
import { openDatabase } from './thread/open-database.ts';

verifies('ORCH-1217', 'a backup of a store at work holds everything accepted before it began', async () => {
  await using directory = await temporaryDirectory();
  const [source, target, file] = ['source', 'target', 'copy'].map((name) => join(directory.path, name));
  const backend = await openStore(source!);
  const before = Array.from({ length: 50 }, () => buildTask());
  await Promise.all(before.map((task) => backend.queue.admit(task)));
  const during = Promise.all(Array.from({ length: 50 }, () => backend.queue.admit(buildTask())));
  await backend.backup(file!);
  await during;
  await expect(backend.backup(file!)).rejects.toThrow('exists already');
  await backend.close();

  await restoreSqliteBackup({ file: file!, directory: target! });
  const restored = await openStore(target!);
  const { tasks, lostRecordCount } = await restored.store.recover();
  const found = tasks.map(({ task }) => task.id);
  expect(found.slice(0, 50)).toEqual(before.map(({ id }) => id));
  expect(lostRecordCount).toBe(0);
  await restored.close();
});

verifies('ORCH-1217', 'a restore overwrites neither tasks nor a directory in use', async () => {
  await using directory = await temporaryDirectory();
  const [source, file] = [join(directory.path, 'source'), join(directory.path, 'copy')];
  const backend = await openStore(source);
  await backend.backup(file);
  const restore = () => restoreSqliteBackup({ file, directory: source });
  await expect(restore()).rejects.toMatchObject({ reason: 'in-use', directory: source });
  await backend.queue.admit(buildTask());
  await backend.close();
  await expect(restore()).rejects.toThrow('it holds tasks');
  const again = await openStore(source);
  expect((await again.store.recover()).tasks).toHaveLength(1);
  await again.close();
});

verifies('ORCH-1217', 'what is no backup is not restored and leaves nothing behind', async () => {
  await using directory = await temporaryDirectory();
  const [target, file] = [join(directory.path, 'target'), join(directory.path, 'file')];
  await writeFile(file, 'no database at all, but long enough for a header'.repeat(20));
  await expect(restoreSqliteBackup({ file, directory: target })).rejects.toMatchObject({ reason: 'damaged' });
  await expect(restoreSqliteBackup({ file: `${file}.gone`, directory: target })).rejects.toThrow('ENOENT');
  expect(await readdir(target)).toEqual([]);
});

verifies(['ORCH-1217', 'ORCH-1219'], 'a restore does not overwrite what a killed process has committed', async () => {
  await using directory = await temporaryDirectory();
  const [source, target, file] = ['source', 'target', 'copy'].map((name) => join(directory.path, name));
  const backend = await openStore(source!);
  await backend.backup(file!);
  await backend.close();
  await (await openStore(target!)).close();
  const database = openDatabase(join(target!, 'queue.sqlite'));
  new Journal(database).append(encodeRecord([RECORD.admit, 'id', 'pool', 'batch', null, 'print', 0, '{}', 0]), 1, 0);
  database.close();
  await expect(restoreSqliteBackup({ file: file!, directory: target! })).rejects.toThrow('it holds tasks');
});
