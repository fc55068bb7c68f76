// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { engineRig, isRunning, realClock, until } from '../__fixtures__/engine-processes.ts';
import { ListLogger } from '../__fixtures__/fake-engines.ts';
import { endOrphans, recordEngine } from './engine-records.ts';
import { identityOf } from './process-session.ts';

const OWNER_MAIN = fileURLToPath(new URL('../__fixtures__/owner-main.ts', import.meta.url));
const logger = new ListLogger();

/** A folder and processes that go with their test, whatever becomes of it. */
async function scene(): Promise<AsyncDisposable & { directory: string; pids: number[] }> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'llama-orch-orphans-'));
  const pids: number[] = [];
  return {
    directory,
    pids,
    async [Symbol.asyncDispose]() {
      for (const pid of pids) if (await isRunning(pid)) process.kill(pid, 'SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A process in a session of its own, as an engine is. */
function startStranger(): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  return child as ChildProcess & { pid: number };
}

/** Makes a record say that its owner has died. */
async function bereave(directory: string, changes: object = {}): Promise<void> {
  const [name = ''] = await readdir(directory);
  const record = JSON.parse(await readFile(join(directory, name), 'utf8')) as object;
  await writeFile(
    join(directory, name),
    JSON.stringify({ ...record, owner: { pid: process.pid, startTicks: 1 }, ...changes }),
  );
}

verifies(
  'ORCH-1404',
  'after kill -9 of the owner its engine and the children of that end, though they ignore SIGTERM',
  async () => {
    await using _leaks = watchLeaks();
    await using stage = await scene();
    const owner = spawn(process.execPath, ['--conditions=@llama-orch/source', OWNER_MAIN, stage.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(owner, 'exit');
    stage.pids.push(owner.pid ?? 0);
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const engines = JSON.parse(line.toString()) as number[];
    stage.pids.push(...engines);
    expect(await Promise.all(engines.map(isRunning))).toEqual([true, true]);
    owner.kill('SIGKILL');
    await exited;
    await until(async () => !(await Promise.all(engines.map(isRunning))).includes(true));
  },
);

verifies('ORCH-1404', 'an engine that outlived its owner is ended before the next one starts', async () => {
  await using stage = await scene();
  const directory = join(stage.directory, 'engines');
  const orphan = startStranger();
  stage.pids.push(orphan.pid);
  const gone = once(orphan, 'exit');
  await recordEngine(directory, 'p-0', orphan.pid);
  await bereave(directory);
  await using rig = await engineRig({ directory: stage.directory });
  await rig.replica.load();
  await gone;
  const human = rig.logger.lines.map((line) => line.human);
  expect(human.findIndex((text) => text.includes('had outlived its service'))).toBeLessThan(
    human.findIndex((text) => text.includes('was started on port')),
  );
  expect(await readdir(directory)).toEqual([`p-0-${rig.pid()}.engine.json`]);
});

verifies('ORCH-1404', 'an engine whose owner lives is no orphan', async () => {
  await using stage = await scene();
  const engine = startStranger();
  stage.pids.push(engine.pid);
  const forget = await recordEngine(stage.directory, 'p/1', engine.pid);
  expect(await endOrphans({ directory: stage.directory, clock: realClock, logger })).toEqual([]);
  expect(await isRunning(engine.pid)).toBe(true);
  await forget();
  expect(await readdir(stage.directory)).toEqual([]);
});

verifies('ORCH-1404', 'a process that only has the number of an old engine is left alone', async () => {
  await using stage = await scene();
  const stranger = startStranger();
  stage.pids.push(stranger.pid);
  const identity = await identityOf(stranger.pid);
  for (const changes of [{ engine: { ...identity, startTicks: 1 } }, { world: 'another machine' }]) {
    await recordEngine(stage.directory, 'p-0', stranger.pid);
    await bereave(stage.directory, changes);
    expect(await endOrphans({ directory: stage.directory, clock: realClock, logger })).toEqual([]);
    expect(await isRunning(stranger.pid)).toBe(true);
    expect(await readdir(stage.directory)).toEqual([]);
  }
});

verifies('ORCH-1404', 'a damaged record is taken away, and a folder that is not there holds none', async () => {
  await using stage = await scene();
  await writeFile(join(stage.directory, 'p-0-1.engine.json'), '{"replicaId":');
  expect(await endOrphans({ directory: stage.directory, clock: realClock, logger })).toEqual([]);
  expect(await readdir(stage.directory)).toEqual([]);
  expect(await endOrphans({ directory: join(stage.directory, 'none'), clock: realClock, logger })).toEqual([]);
});
