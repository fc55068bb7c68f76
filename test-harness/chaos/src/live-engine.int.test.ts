// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { SseReader } from '@llama-orch/harness-bdd';
import { findLlamaServer, verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { DurableService } from './durable-service.ts';
import { EngineProcess, llamaServer, MOCK_ENGINE } from './engine-process.ts';
import { recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const BINARY = findLlamaServer();
const TOKENS = 300;
const FREEZE_MS = 400;
/** Keeps the model writing to the bound. */
const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' };

type Fault = (engine: EngineProcess) => Promise<void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'is killed and comes back': async (engine) => {
    await engine.kill();
    await engine.start();
  },
  'freezes until it is killed': async (engine) => {
    engine.signal('SIGSTOP');
    await engine.kill();
    await engine.start();
  },
  'freezes and thaws': async (engine) => {
    engine.signal('SIGSTOP');
    // The time is the fault, not something waited for.
    await delay(FREEZE_MS);
    engine.signal('SIGCONT');
  },
};

async function follow(
  service: DurableService,
  prompt: string,
): Promise<{ readonly taskId: string; readonly reader: SseReader }> {
  const fields = { max_tokens: TOKENS, response_format: NEVER_ENDING, determinism: 'strict' };
  const { task_id: taskId } = await submit(service.baseUrl, prompt, fields);
  return { taskId, reader: await service.process.open(`/v1/tasks/${taskId}/stream`) };
}

if (BINARY === undefined)
  test.skip('a llama-server is killed and frozen (left out: no llama-server in LLAMA_SERVER or on PATH)');

for (const program of [MOCK_ENGINE, ...(BINARY === undefined ? [] : [llamaServer(BINARY)])]) {
  for (const [name, fault] of Object.entries(FAULTS)) {
    verifies(
      ['ORCH-1234', 'ORCH-1341', 'ORCH-1515'],
      `readers of ${program.name} that ${name} see one unbroken stream`,
      async () => {
        await using _leaks = watchLeaks();
        await using directory = await temporaryDirectory();
        await using engine = await EngineProcess.start(program);
        const options = { idle_timeout_ms: 20_000 };
        const pool = { id: 'main', adapter: 'llamacpp-http', base_url: engine.baseUrl, slots: 1, options };
        const config = { pools: [pool], watchdog: { probe_interval_ms: 20 } };
        await using service = await DurableService.start({ directory: directory.path, config });
        await service.process.ready();
        const undisturbed = await (await follow(service, program.prompt)).reader.untilEnd();
        expect(undisturbed.tokens).toHaveLength(TOKENS);
        for (const at of [1, 60, 250]) {
          const { taskId, reader } = await follow(service, program.prompt);
          await reader.until(`token ${at}`, ({ tokens }) => tokens.length >= at);
          await fault(engine);
          await reader.untilEnd();
          expect(reader.tokens.map(({ data }) => data)).toEqual(undisturbed.tokens.map(({ data }) => data));
          expect(reader.terminal).toMatchObject({ event: 'end', data: { tokens_out: TOKENS } });
          expect(await recordOf(service.baseUrl, taskId)).toMatchObject({ state: 'completed' });
        }
        expect(await service.stop()).toBe(0);
      },
    );
  }
}
