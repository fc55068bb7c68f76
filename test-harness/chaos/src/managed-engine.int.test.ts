// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call, HOLD } from '@llama-orch/harness-bdd';
import { findLlamaServer, verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { DurableService } from './durable-service.ts';
import { llamaServer } from './engine-process.ts';
import { recordOf, submit } from './mock-tasks.ts';
import { createMoodyPool } from './moody-pool.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const BINARY = findLlamaServer();
const TOKENS = 300;
const LOOK_MS = 20;

verifies(
  ['ORCH-1402', 'ORCH-1413', 'ORCH-1407', 'ORCH-1403', 'ORCH-1234'],
  'readers of an engine that the service has started, and that is killed, see one unbroken stream',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    const { section, pidFile } = await createMoodyPool(directory.path);
    const store = join(directory.path, 'store');
    await using service = await DurableService.start({ directory: store, config: { pools: [section] } });
    await service.process.ready();
    const follow = async () => {
      const fields = { max_tokens: TOKENS, determinism: 'strict' };
      const { task_id: taskId } = await submit(service.baseUrl, HOLD, fields);
      return { taskId, reader: await service.process.open(`/v1/tasks/${taskId}/stream`) };
    };
    const undisturbed = await (await follow()).reader.untilEnd();
    expect(undisturbed.tokens).toHaveLength(TOKENS);
    const { taskId, reader } = await follow();
    await reader.until('token 60', ({ tokens }) => tokens.length >= 60);
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    await reader.untilEnd();
    expect(reader.tokens.map(({ data }) => data)).toEqual(undisturbed.tokens.map(({ data }) => data));
    expect(reader.terminal).toMatchObject({ event: 'end', data: { tokens_out: TOKENS } });
    expect(await recordOf(service.baseUrl, taskId)).toMatchObject({ state: 'completed', attempt: 2 });
    const { json: health } = await call(service.baseUrl, { path: '/v1/pools/main/health' });
    expect(health).toMatchObject({
      ready: true,
      replicas: [{ state: 'ready', engine_state: 'ready', provisioning: 'managed', configured_capacity: { slots: 1 } }],
    });
    expect(await service.stop()).toBe(0);
    const last = Number(await readFile(pidFile, 'utf8'));
    expect(() => process.kill(last, 0)).toThrow('ESRCH');
  },
);

verifies(
  'ORCH-1404',
  'after kill -9 of the service its engine ends, and the next service starts another one',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    const { section, pidFile } = await createMoodyPool(directory.path);
    const store = join(directory.path, 'store');
    await using service = await DurableService.start({ directory: store, config: { pools: [section] } });
    await service.process.ready();
    const first = Number(await readFile(pidFile, 'utf8'));
    await service.crash();
    await untilGone(first);
    await service.restart();
    await service.process.ready();
    const second = Number(await readFile(pidFile, 'utf8'));
    expect(second).not.toBe(first);
    expect(await service.stop()).toBe(0);
    expect(() => process.kill(second, 0)).toThrow('ESRCH');
  },
);

if (BINARY === undefined)
  test.skip('a real llama-server is started (left out: no llama-server in LLAMA_SERVER or on PATH)');
else {
  verifies(['ORCH-1402', 'ORCH-1406'], 'a real llama-server is started with its usual arguments', async () => {
    await using directory = await temporaryDirectory();
    const pool = {
      id: 'main',
      adapter: 'llamacpp-http',
      model: 'builtin:haiku-tiny',
      slots: 1,
      ctx_max: 512,
      engine: { command: BINARY, extra_args: ['-t', '1'] },
    };
    await using service = await DurableService.start({ directory: directory.path, config: { pools: [pool] } });
    await service.process.ready();
    const { task_id: taskId } = await submit(service.baseUrl, llamaServer(BINARY).prompt, { max_tokens: 8 });
    const reader = await service.process.open(`/v1/tasks/${taskId}/stream`);
    await reader.untilEnd();
    expect(reader.terminal).toMatchObject({ event: 'end' });
    expect(await service.stop()).toBe(0);
  });
}

/** The end of a process that is no child of ours sends no event, and nobody may collect it when it is dead. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return;
    await delay(LOOK_MS);
  }
}
