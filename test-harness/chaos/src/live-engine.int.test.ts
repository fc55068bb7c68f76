// SPDX-License-Identifier: MIT
import type { SseReader } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { DurableService } from './durable-service.ts';
import { LlamaServer } from './llama-server.ts';
import { recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const BINARY = process.env['LLAMA_SERVER'];
const TOKENS = 300;
/** Keeps the model writing to the bound. */
const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' };

type Fault = (server: LlamaServer) => Promise<void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'is killed and comes back': async (server) => {
    await server.kill();
    await server.start();
  },
  'freezes until it is given up': async (server) => {
    server.signal('SIGSTOP');
    await server.kill();
    await server.start();
  },
};

async function follow(service: DurableService): Promise<{ readonly taskId: string; readonly reader: SseReader }> {
  const fields = { max_tokens: TOKENS, response_format: NEVER_ENDING, determinism: 'strict' };
  const { task_id: taskId } = await submit(service.baseUrl, 'haiku about rain:\n', fields);
  return { taskId, reader: await service.process.open(`/v1/tasks/${taskId}/stream`) };
}

const register = BINARY === undefined ? undefined : verifies;
if (register === undefined)
  test.skip('a live llama-server is killed and frozen (left out: LLAMA_SERVER names no binary)');

for (const [name, fault] of Object.entries(FAULTS)) {
  register?.(['ORCH-1234', 'ORCH-1341'], `readers of a llama-server that ${name} see one unbroken stream`, async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using server = await LlamaServer.start(BINARY ?? '');
    const pool = {
      id: 'main',
      adapter: 'llamacpp-http',
      base_url: server.baseUrl,
      slots: 1,
      options: { idle_timeout_ms: 2_000 },
    };
    const config = { pools: [pool], watchdog: { probe_interval_ms: 20 } };
    await using service = await DurableService.start({ directory: directory.path, config });
    await service.process.ready();
    const undisturbed = await (await follow(service)).reader.untilEnd();
    for (const at of [1, 60, 250]) {
      const { taskId, reader } = await follow(service);
      await reader.until(`token ${at}`, ({ tokens }) => tokens.length >= at);
      await fault(server);
      await reader.untilEnd();
      expect(reader.tokens.map(({ data }) => data)).toEqual(undisturbed.tokens.map(({ data }) => data));
      expect(reader.terminal).toMatchObject({ event: 'end', data: { tokens_out: TOKENS } });
      expect(await recordOf(service.baseUrl, taskId)).toMatchObject({ state: 'completed' });
    }
    expect(await service.stop()).toBe(0);
  });
}
