// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createClient, type OrchClient } from '@llama-orch/client';
import { verifies } from '@llama-orch/test-kit';
import { spawnNode, type SpawnedProcess } from '../__fixtures__/spawn-node.ts';
import { makeStateFolder } from '../__fixtures__/state-folder.ts';
import { findFreePort } from '../service/look-at-port.ts';
import { startService, type StartedService } from '../service/start-service.ts';

const configFile = join(import.meta.dirname, '../__fixtures__/mock-service.yaml');
/** Far more words than a test waits for. */
const LONG = '[[mock tokens=20000]]';

const state = makeStateFolder();
let service: StartedService;
let client: OrchClient;

beforeAll(async () => {
  service = await startService({
    configFile,
    port: await findFreePort('127.0.0.1'),
    env: state.env,
    readyTimeoutMs: 60_000,
  });
  client = createClient({ baseUrl: service.url });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  state[Symbol.dispose]();
});

const llamaOrch = (...args: readonly string[]): SpawnedProcess =>
  spawnNode('main.ts', args, { LLORCH_URL: service.url });

async function output(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  await using command = llamaOrch(...args);
  const code = await command.exitCode;
  return { code, ...command.written };
}

describe('against the service with the mock engine', { concurrent: false }, () => {
  verifies('ORCH-2610', 'run streams the text of a task and exits with 0', async () => {
    const { code, stdout, stderr } = await output('run', '[[mock tokens=7]] hi', '--seed', '42');
    expect(code).toBe(0);
    expect(stdout.split(' ')).toHaveLength(7);
    expect(stderr).toContain('seed 42');
    expect((await output('run', '[[mock tokens=7]] hi', '--seed', '42')).stdout).toBe(stdout);
  });

  verifies('ORCH-2612', 'Ctrl-C while the text streams cancels the task and frees the slot', async () => {
    await using command = llamaOrch('run', LONG);
    await command.sees(/\w+ \w+/);
    command.kill('SIGINT');
    expect(await command.exitCode).toBe(130);
    const [, taskId] = /canceled ([0-9a-f-]{36})/.exec(command.written.stderr) ?? [];
    expect(await client.get(taskId!)).toMatchObject({ state: 'canceled', finish_reason: 'canceled' });
    expect((await client.pools())[0]?.slots_busy).toBe(0);
  });

  verifies('ORCH-2612', 'a reader that leaves cancels the task, and no command trips over it', async () => {
    const main = join(import.meta.dirname, '../main.ts');
    const command = `"${process.execPath}" --conditions=@llama-orch/source "${main}"`;
    const env = { ...process.env, LLORCH_URL: service.url };
    const { stderr } = await promisify(execFile)('sh', ['-c', `${command} run '${LONG}' | head -c 20`], { env });
    expect(stderr).toMatch(/canceled [0-9a-f-]{36}/);
    expect((await client.pools())[0]?.slots_busy).toBe(0);
    const listed = await promisify(execFile)('sh', ['-c', `${command} tasks | true`], { env });
    expect(listed.stderr).toBe('');
  });

  verifies(
    ['ORCH-2611', 'ORCH-2620', 'ORCH-2621', 'ORCH-2622'],
    'a waiting task shows its place, is listed and can be canceled',
    async () => {
      const { task_id: runningId } = await client.submit({ prompt: LONG });
      await using waiting = llamaOrch('run', '[[mock tokens=3]] hi');
      await waiting.sees(/next in line/);
      const ps = await output('ps');
      expect(ps.stdout).toMatch(new RegExp(`${runningId}\\s+words\\s+running`));
      expect(ps.stdout).toMatch(/\s+words\s+queued\s+interactive\s+0/);
      expect(ps.stdout).toMatch(/WAITS FOR[^]*queued[^\n]*\sslot\s/);
      const [waitingTask] = (await client.list({ state: 'queued' })).tasks;
      const shown = await output('tasks', waitingTask?.task_id ?? '');
      expect(shown.stdout).toMatch(/waits for\s+slot: It is next, and all 1 slots are taken\.\ncure\s+\S/);
      expect((await output('cancel', runningId)).code).toBe(0);
      expect(await waiting.exitCode).toBe(0);
      expect(waiting.written.stdout.split(' ')).toHaveLength(3);
      expect((await output('cancel', runningId)).code).toBe(0);
    },
  );

  verifies(
    ['ORCH-2625', 'ORCH-1282', 'ORCH-1283'],
    'a waiting task is moved, a pool is paused and resumed',
    async () => {
      expect(await output('pools', 'pause', 'words')).toMatchObject({ code: 0, stdout: 'paused words\n' });
      expect((await output('pools')).stdout).toMatch(/words\s+paused/);
      const { task_id: taskId } = await client.submit({ prompt: '[[mock tokens=3]] hi' });
      const moved = await output('priority', taskId, 'batch');
      expect([moved.code, moved.stdout]).toEqual([0, expect.stringMatching(/priority\s+batch[^]*pool_paused/)]);
      expect(await output('pools', 'resume', 'words')).toMatchObject({ code: 0, stdout: 'resumed words\n' });
      for await (const frame of client.stream(taskId)) if (frame.event === 'end') break;
      const late = await output('priority', taskId, 'interactive');
      expect(late).toMatchObject({ code: 5, stderr: expect.stringContaining('TASK_CONFLICT') });
      expect(await output('pools', 'pause', 'nowhere')).toMatchObject({ code: 5 });
    },
  );

  verifies(
    'ORCH-1456',
    'a pool is drained, reloaded, unloaded and loaded, and each exit code is that of its answer',
    async () => {
      expect(await output('pools', 'drain', 'words', '--deadline', '0')).toMatchObject({ stdout: 'drained words\n' });
      expect((await output('pools')).stdout).toMatch(/words\s+draining/);
      expect(await output('run', 'hi')).toMatchObject({ code: 4 });
      expect(await output('pools', 'resume', 'words')).toMatchObject({ code: 0 });
      expect(await output('pools', 'unload', 'words')).toMatchObject({ code: 0, stdout: 'unloaded words\n' });
      expect(await output('pools', 'load', 'words')).toMatchObject({ code: 0, stdout: 'loaded words\n' });
      const { code, stdout } = await output('pools', 'reload', 'words', '--json');
      expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ pool_id: 'words', ready: true })]);
      expect(await output('pools', 'load', 'nowhere')).toMatchObject({ code: 5 });
      expect(await output('pools', 'drain', 'words', '--deadline', 'soon')).toMatchObject({ code: 2 });
    },
  );

  verifies(
    'ORCH-2600',
    'a full queue exits with 4, bad input with 5, an unknown task with 5, a failed one with 1',
    async () => {
      const tasks = await Promise.all([1, 2, 3].map(() => client.submit({ prompt: LONG })));
      expect(await output('run', 'one too many')).toMatchObject({ code: 4 });
      await Promise.all(tasks.map(({ task_id }) => client.cancel(task_id)));
      expect(await output('run', 'hi', '--pool', 'nowhere')).toMatchObject({ code: 5 });
      expect(await output('tasks', '00000000-0000-4000-8000-000000000000')).toMatchObject({ code: 5 });
      expect(await output('run', '[[mock fault=crash at=2]]')).toMatchObject({ code: 1 });
    },
  );

  verifies(['ORCH-2621', 'ORCH-2623'], 'tasks, pools and capabilities read the service', async () => {
    const { stdout } = await output('run', 'hi', '--detach');
    await client.stream(stdout.trim()).result();
    expect((await output('tasks', stdout.trim())).stdout).toMatch(/state\s+completed \(/);
    expect(JSON.parse((await output('tasks', '--json')).stdout)).toHaveProperty('tasks');
    expect((await output('pools')).stdout).toMatch(/words\s+ready\s+mock/);
    expect((await output('capabilities')).stdout).toMatch(/words\s+mock/);
  });

  verifies('ORCH-1238', 'a replay of a sound engine is identical, and a task of its own', async () => {
    const { task_id: taskId } = await client.submit({
      prompt: '[[mock tokens=9]] hi',
      session_id: 'talk',
      metadata: { a: 'b' },
    });
    await client.stream(taskId).result();
    const { code, stdout, stderr } = await output('replay', taskId, '--json');
    expect([code, stderr]).toEqual([0, expect.stringContaining(`replaying ${taskId} as `)]);
    const verdict = JSON.parse(stdout) as { replay_task_id: string };
    expect(verdict).toMatchObject({ task_id: taskId, identical: true, tokens_out: 9, changed: [] });
    const again = await client.get(verdict.replay_task_id);
    expect(again).toMatchObject({ state: 'completed', metadata: { replay_of: taskId } });
    expect(again.session_id).toBeUndefined();
    expect((await output('replay', taskId)).stdout).toMatch(/^identical: 9 tokens, output sha256 [0-9a-f]{64}$/m);
  });

  verifies('ORCH-1238', 'a replay of an engine that drifts shows where, and exits with 6', async () => {
    const { task_id: taskId } = await client.submit({ prompt: '[[mock tokens=9 fault=drift at=4]] hi' });
    const { text } = await client.stream(taskId).result();
    const shown = await output('replay', taskId);
    expect(shown.code).toBe(6);
    expect(shown.stdout).toMatch(
      /^different from token 4 on\n {2}before: .*\n {2}original: .*drift.*\n {2}replay: .*drift/,
    );
    const { code, stdout } = await output('replay', taskId, '--json');
    expect(code).toBe(6);
    const verdict = JSON.parse(stdout) as {
      difference: { index: number; before: string; original: string; replay: string };
    };
    expect(verdict).toMatchObject({ identical: false, difference: { index: 4 } });
    expect(text.startsWith(verdict.difference.before + verdict.difference.original)).toBe(true);
    expect(verdict.difference.replay).not.toBe(verdict.difference.original);
  });

  verifies('ORCH-1238', 'what cannot be replayed is refused with the reason and 5', async () => {
    const { task_id: taskId } = await client.submit({ prompt: LONG });
    expect(await output('replay', taskId)).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/is (queued|running)\./),
    });
    await client.cancel(taskId);
    expect(await output('replay', taskId)).toMatchObject({ code: 5, stderr: expect.stringContaining('is canceled.') });
    const { task_id: vectors } = await client.submit({ workload: 'embedding', inputs: ['a'] });
    await client.stream(vectors).result();
    expect((await output('replay', vectors)).stderr).toContain('A task of embedding has no text.');
    const { code, stdout } = await output('replay', vectors, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([5, { error: { message: expect.any(String), exit_code: 5 } }]);
  });

  verifies(['ORCH-2631', 'ORCH-1456'], 'doctor finds a healthy service', async () => {
    const { code, stdout } = await output('doctor', '--json', '--config', configFile);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { name: string; detail: string }[] };
    expect([code, ok]).toEqual([0, true]);
    expect(findings.map(({ name }) => name)).toEqual([
      'node',
      'config',
      'port',
      'service',
      'devices',
      'engines',
      'disk',
    ]);
    expect(findings[2]?.detail).toContain('held by llama-orch');
  });
});
