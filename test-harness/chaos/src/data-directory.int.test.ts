// SPDX-License-Identifier: MIT
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { HOLD, MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const config = { pools: [MOCK_POOL] };

/** Starts a service that must refuse, and hands out the lines of standard error that name the directory. */
async function refusalOf(directory: string): Promise<readonly string[]> {
  const store = { backend: 'sqlite', directory };
  const service = await ServiceUnderTest.launch({ config: { ...config, store } });
  const killer = setTimeout(() => service.signal('SIGKILL'), 60_000);
  const exit = await service.exited;
  clearTimeout(killer);
  expect(exit, [...service.errorLines, ...service.outputLines].join('\n')).toEqual({ code: 78, signal: null });
  return service.errorLines.filter((line) => line.includes(directory));
}

verifies(
  ['ORCH-1206', 'ORCH-1341'],
  'a second process on a directory exits with 78, and a kill sets it free',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using service = await DurableService.start({ directory: directory.path, config });
    const { task_id: taskId } = await submit(service.baseUrl, HOLD);
    const lines = await refusalOf(directory.path);
    expect(lines).toHaveLength(1);
    await submit(service.baseUrl, HOLD);
    await service.crash();
    await service.restart();
    expect(await recordOf(service.baseUrl, taskId)).toMatchObject({ task_id: taskId });
  },
);

verifies(['ORCH-1207', 'ORCH-1341'], 'a read-only or linked directory stops the start with one line', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  const [readOnly, real, linked] = ['read-only', 'real', 'linked'].map((name) => join(directory.path, name));
  await mkdir(readOnly!);
  await mkdir(real!);
  await chmod(readOnly!, 0o500);
  await symlink(real!, linked!);
  for (const path of [readOnly!, linked!, join(linked!, 'below')]) {
    const lines = await refusalOf(path);
    expect(lines, path).toHaveLength(1);
  }
});

verifies(['ORCH-1208', 'ORCH-1341'], 'a directory of a later release stops the start and stays as it is', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  const service = await DurableService.start({ directory: directory.path, config });
  expect(await service.stop()).toBe(0);
  const file = join(directory.path, 'queue.sqlite');
  const write = new DatabaseSync(file);
  write.exec('PRAGMA user_version = 999');
  write.close();
  const lines = await refusalOf(directory.path);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('999');
  const read = new DatabaseSync(file, { readOnly: true });
  expect(read.prepare('PRAGMA user_version').get()).toEqual({ user_version: 999 });
  read.close();
});
