// SPDX-License-Identifier: MIT
import { readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { engineRig, isRunning, realClock, until } from '../__fixtures__/engine-processes.ts';
import { TASK } from '../__fixtures__/fake-engines.ts';

const never = new AbortController().signal;

verifies(['ORCH-1402', 'ORCH-1406'], 'a process is started, tested, used and stopped', async () => {
  await using _leaks = watchLeaks();
  await using rig = await engineRig();
  await rig.replica.load();
  const pid = rig.pid();
  const texts: string[] = [];
  const end = await rig.replica.adapter.run(TASK, { onTokens: (pieces) => texts.push(...pieces) }, never);
  expect([end.finishReason, texts.join('')]).toEqual(['length', ' 1 2 3 4 5 6 7 8']);
  expect(await readdir(join(rig.directory, 'engines'))).toEqual([`p-0-${pid}.engine.json`]);
  await rig.replica.unload();
  expect(await isRunning(pid)).toBe(false);
  expect(await readdir(join(rig.directory, 'engines'))).toEqual([]);
});

verifies('ORCH-1402', 'no shell reads the arguments, and the environment holds what is named', async () => {
  process.env['LLORCH_TEST_SECRET'] = 'secret-of-ours';
  process.env['LLORCH_TEST_LET_THROUGH'] = 'through';
  const tricky = '$(touch /tmp/x); "{model}" {unknown} {"json": 1} `id`';
  await using rig = await engineRig({
    args: ['--environment', '--slots', '{slots}', '--ctx', '{ctx_total}', tricky],
    launcher: {
      values: { model: 'a b.gguf' },
      env: { ENGINE_PORT: 'port {port}' },
      inheritEnv: ['LLORCH_TEST_LET_THROUGH'],
    },
    replica: { capacity: { slots: 3, ctxMaxTokens: 100 }, devices: ['nvidia:1', 'nvidia:3'] },
  });
  await rig.replica.load();
  await rig.replica.unload();
  const log = await readFile(join(rig.directory, 'logs', 'p-0.log'), 'utf8');
  const full = JSON.parse(log.split('\n').find((line) => line.startsWith('{')) ?? '') as {
    given: string[];
    environment: Record<string, string>;
  };
  delete process.env['LLORCH_TEST_SECRET'];
  delete process.env['LLORCH_TEST_LET_THROUGH'];
  expect(full.given.slice(2)).toEqual([
    '--environment',
    '--slots',
    '3',
    '--ctx',
    '300',
    '$(touch /tmp/x); "a b.gguf" {unknown} {"json": 1} `id`',
  ]);
  expect(full.environment).toMatchObject({
    CUDA_VISIBLE_DEVICES: '1,3',
    ENGINE_PORT: `port ${full.given[1] ?? ''}`,
    LLORCH_TEST_LET_THROUGH: 'through',
  });
  expect(JSON.stringify(full.environment)).not.toContain('secret-of-ours');
});

verifies('ORCH-1402', 'a command that does not exist and a port in use are told as such', async () => {
  await using _leaks = watchLeaks();
  await using missing = await engineRig({ launcher: { command: '/nowhere/llama-server' } });
  await expect(missing.replica.load({ attemptCount: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('/nowhere/llama-server could not be started (ENOENT)') as string,
    details: { reason: 'not_startable' },
  });
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  await using taken = await engineRig({ launcher: { port } });
  await expect(taken.replica.load({ attemptCount: 1 })).rejects.toMatchObject({ details: { reason: 'port_in_use' } });
  stranger.close();
  await once(stranger, 'close');
});

verifies(
  'ORCH-1403',
  'what an engine writes is in its file, and its last lines stand beside its last error',
  async () => {
    await using rig = await engineRig({
      args: ['--say', 'the key is hunter2', '--exit', '3'],
      launcher: { secrets: ['hunter2'] },
    });
    await expect(rig.replica.load({ attemptCount: 1 })).rejects.toMatchObject({ details: { reason: 'exited' } });
    expect(rig.replica.view()).toMatchObject({ lastError: 'It exited with 3 status.', logTail: ['the key is ***'] });
    expect(await readFile(join(rig.directory, 'logs', 'p-0.log'), 'utf8')).toBe('the key is hunter2\n');
  },
);

verifies('ORCH-1403', 'an engine that floods its output is held back, not our memory; old files go', async () => {
  await using rig = await engineRig({ args: ['--flood', '8'], launcher: { logLimitBytes: 1024 * 1024 } });
  await rig.replica.load();
  await until(() => rig.replica.view().logTail.at(-1) === 'listening');
  await rig.replica.unload();
  const logs = join(rig.directory, 'logs');
  const names = (await readdir(logs)).sort();
  expect(names).toEqual(['p-0.log', 'p-0.log.1', 'p-0.log.2']);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(logs, name))).size));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
});

verifies(
  'ORCH-1403',
  'an engine whose log cannot be opened is not started, one whose record cannot be written is',
  async () => {
    await using _leaks = watchLeaks();
    const file = import.meta.filename;
    await using silent = await engineRig({ launcher: { logDirectory: file } });
    await expect(silent.replica.load({ attemptCount: 1 })).rejects.toMatchObject({ details: { reason: 'no_log' } });
    await using unrecorded = await engineRig({ launcher: { stateDirectory: file } });
    await unrecorded.replica.load();
    expect(unrecorded.logger.lines.some(({ human }) => human.includes('could not be recorded'))).toBe(true);
    const pid = unrecorded.pid();
    await unrecorded.replica.unload();
    expect(await isRunning(pid)).toBe(false);
  },
);

verifies('ORCH-1402', 'a command that no system can start is told as such', async () => {
  await using _leaks = watchLeaks();
  await using rig = await engineRig({ args: ['nul \0'] });
  await expect(rig.replica.load({ attemptCount: 1 })).rejects.toMatchObject({ details: { reason: 'not_startable' } });
});

verifies('ORCH-1405', 'an engine that ignores SIGTERM is killed after the grace, with its children', async () => {
  await using _leaks = watchLeaks();
  let hasHeard = (): boolean => false;
  // The grace is over once the engine has heard the signal, however busy the machine is.
  const clock = { ...realClock, nowMs: () => (hasHeard() ? 300 : 0) };
  await using rig = await engineRig({ args: ['--stubborn', '--parent'], launcher: { graceMs: 300, clock } });
  hasHeard = () => rig.replica.view().logTail.includes('deaf');
  await rig.replica.load();
  await until(() => rig.replica.view().logTail.some((line) => line.startsWith('child ')));
  const child = Number(
    rig.replica
      .view()
      .logTail.find((line) => line.startsWith('child '))
      ?.slice(6),
  );
  const pids = [rig.pid(), child];
  expect(await Promise.all(pids.map(isRunning))).toEqual([true, true]);
  await rig.replica.unload();
  expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
  expect(await readFile(join(rig.directory, 'logs', 'p-0.log'), 'utf8')).toContain('deaf');
});

verifies(
  ['ORCH-1411', 'ORCH-1413'],
  'runs end when their engine is killed, what it leaves is ended, another one takes over',
  async () => {
    await using _leaks = watchLeaks();
    await using rig = await engineRig({ args: ['--stubborn', '--parent'], launcher: { graceMs: 100 } });
    await rig.replica.load();
    const first = rig.pid();
    await until(() => rig.replica.view().logTail.some((line) => line.startsWith('child ')));
    const child = Number(
      rig.replica
        .view()
        .logTail.find((line) => line.startsWith('child '))
        ?.slice(6),
    );
    const run = rig.replica.adapter.run(
      { ...TASK, maxTokens: 1_000_000 },
      { onTokens: () => process.kill(first, 'SIGKILL') },
      never,
    );
    await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
    await until(() => rig.pid() !== first && rig.replica.view().state === 'ready');
    expect(await Promise.all([first, child].map(isRunning))).toEqual([false, false]);
    const end = await rig.replica.adapter.run(TASK, { onTokens: () => undefined }, never);
    expect(end.tokensOut).toBe(8);
  },
);

verifies('ORCH-1414', 'an engine that is frozen is killed and another one takes over', async () => {
  await using _leaks = watchLeaks();
  await using rig = await engineRig({
    launcher: { graceMs: 100 },
    replica: { limits: { loadPauseMs: 10, healthPauseMs: 20, healthTimeoutMs: 200 } },
  });
  await rig.replica.load();
  const first = rig.pid();
  process.kill(first, 'SIGSTOP');
  await until(() => rig.pid() !== first && rig.replica.view().state === 'ready');
  expect(await isRunning(first)).toBe(false);
  expect(rig.logger.lines.some(({ fields }) => fields['reason'] === 'hung')).toBe(true);
});

verifies(
  ['ORCH-1415', 'ORCH-1416'],
  'an engine out of device memory is started again with fewer slots until it fits',
  async () => {
    await using rig = await engineRig({
      args: ['--slots', '{slots}', '--slots-limit', '2'],
      replica: { capacity: { slots: 8, ctxMaxTokens: 512 } },
    });
    await rig.replica.load();
    expect(rig.replica.view()).toMatchObject({
      capacity: { slots: 2, ctxMaxTokens: 512 },
      configuredCapacity: { slots: 8, ctxMaxTokens: 512 },
    });
    const reasons = rig.logger.lines.map(({ fields }) => fields['reason']).filter((reason) => reason !== undefined);
    expect(reasons).toEqual(['device_memory', 'device_memory']);
    expect(await rig.replica.adapter.probe(never)).toMatchObject({ state: 'ready', props: { slots: 2 } });
  },
);
