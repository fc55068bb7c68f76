// SPDX-License-Identifier: MIT
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createClient } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { spawnNode } from '../__fixtures__/spawn-node.ts';
import { findFreePort } from '../service/look-at-port.ts';
import { startService, type StartedService } from '../service/start-service.ts';

const LIMIT_MS = 120_000;

interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function llamaOrch(url: string, ...args: readonly string[]): Promise<Output> {
  await using command = spawnNode('main.ts', args, { LLORCH_URL: url });
  const code = await command.exitCode;
  return { code, ...command.written };
}

/** A configuration whose store lies in `directory` of the same folder. */
async function writeConfig(folder: string, directory: string, slots: number): Promise<string> {
  const file = join(folder, `${directory}.yaml`);
  const store = `store: { directory: ./${directory} }\n`;
  const pools = `pools: [{ id: words, adapter: mock, slots: ${slots} }]\n`;
  // A job that hangs is not waited for when the service stops.
  await writeFile(file, `${store}shutdown: { grace_ms: 0 }\n${pools}`);
  return file;
}

async function start(configFile: string): Promise<StartedService> {
  const port = await findFreePort('127.0.0.1');
  return startService({ configFile, port, env: process.env, readyTimeoutMs: LIMIT_MS });
}

verifies(
  ['ORCH-1215', 'ORCH-2640', 'ORCH-2641'],
  'a backup of a running service is restored into an empty directory, and into no other',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'cli-store-'));
    const first = await writeConfig(folder.path, 'first', 1);
    // Room beside the job that hangs.
    const second = await writeConfig(folder.path, 'second', 2);
    const file = join(folder.path, 'tasks.backup');
    let ended = '';
    let waiting = '';
    {
      await using service = await start(first);
      const run = await llamaOrch(service.url, 'run', 'hi [[mock tokens=3]]', '--json');
      expect(run.code, run.stderr).toBe(0);
      ended = /"task_id":"([^"]+)"/.exec(run.stdout)?.[1] ?? '';
      await llamaOrch(service.url, 'run', '[[mock tokens=9 fault=hang at=1]]', '--detach');
      waiting = (await llamaOrch(service.url, 'run', '[[mock tokens=4]]', '--detach')).stdout.trim();
      expect((await llamaOrch(service.url, 'store')).stdout).toMatch(/backend\s+sqlite\nstate\s+ok\nlost records\s+0/);
      expect(await llamaOrch(service.url, 'store', 'acknowledge', '--json')).toMatchObject({
        code: 0,
        stdout: `${JSON.stringify({ backend: 'sqlite', state: 'ok', lost_records: 0 })}\n`,
      });
      expect(await llamaOrch(service.url, 'backup', file)).toMatchObject({ code: 0, stderr: '' });
      const again = await llamaOrch(service.url, 'backup', file);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('EEXIST')]);
      const held = await llamaOrch(service.url, 'restore', file, '--config', first);
      expect([held.code, held.stderr]).toEqual([78, expect.stringContaining('another process uses it')]);
    }
    const full = await llamaOrch('', 'restore', file, '--config', first);
    expect([full.code, full.stderr]).toEqual([78, expect.stringContaining('it holds tasks')]);
    const noBackup = await llamaOrch('', 'restore', first, '--config', second);
    expect([noBackup.code, noBackup.stderr]).toEqual([78, expect.stringContaining('damaged')]);
    const restored = await llamaOrch('', 'restore', file, '--config', second);
    expect([restored.code, restored.stdout]).toEqual([0, `${file} is restored into ${join(folder.path, 'second')}\n`]);
    await using service = await start(second);
    expect((await llamaOrch(service.url, 'tasks', ended)).stdout).toMatch(/state\s+completed/);
    const { text } = await createClient({ baseUrl: service.url }).stream(waiting).result();
    expect(text.split(' ')).toHaveLength(4);
    expect((await readdir(folder.path)).filter((name) => name.includes('partial'))).toEqual([]);
  },
);
