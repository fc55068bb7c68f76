// SPDX-License-Identifier: MIT
import { setImmediate as nextTurn } from 'node:timers/promises';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ServiceUnderTest } from './service-under-test.ts';
import { at } from './json-path.ts';
import type { SseReader } from './wire/sse-reader.ts';

const CANCELS = 100;
const MOST_TOKENS_BEFORE = 40;
/** Where a task ends that nobody cancels. */
const MOST_TOKENS = 400;
/** Keeps the model writing, so that only the cancel ends it. */
const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' };
/** Turns of the event loop in which everything that already lies in a socket is read. */
const TURNS = 3;

interface Running {
  readonly path: string;
  readonly reader: SseReader;
}

async function run(service: ServiceUnderTest, seed: number): Promise<Running> {
  const body = { prompt: `haiku about ${seed}:\n`, seed, max_tokens: MOST_TOKENS, response_format: NEVER_ENDING };
  const { status, json, text } = await service.call({ method: 'POST', path: '/v1/tasks', body });
  expect(status, text).toBe(202);
  const path = `/v1/tasks/${String(at(json, 'task_id'))}`;
  return { path, reader: await service.open(`${path}/stream`) };
}

async function busySlots(service: ServiceUnderTest): Promise<unknown> {
  return at((await service.call({ path: '/v1/pools' })).json, 'pools.0.slots_busy');
}

verifies(
  ['ORCH-8050', 'ORCH-1031', 'ORCH-1032'],
  'of a hundred tasks canceled while they generate none shows a token after its 204, and each slot is free',
  async () => {
    const service = await ServiceUnderTest.start({
      config: { pools: [{ id: 'main', adapter: 'node-llama-cpp', slots: 1, max_tokens_out: MOST_TOKENS }] },
    });
    await service.ready();
    for (let k = 0, canceled = 0; canceled < CANCELS; k++) {
      const { path, reader } = await run(service, k);
      const wanted = Math.floor(Math.random() * MOST_TOKENS_BEFORE);
      await reader.until(`token ${wanted}`, ({ frames, tokens }) => frames.length > 0 && tokens.length >= wanted);
      const { status } = await service.call({ method: 'POST', path: `${path}/cancel` });
      expect(status).toBe(204);
      expect(await busySlots(service), 'busy slots after the 204').toBe(0);
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      const atAnswer = reader.tokens.length;
      await reader.untilEnd();
      expect(reader.tokens, `tokens after the 204 of cancel ${k}, sent at ${wanted}`).toHaveLength(atAnswer);
      // On a busy machine it may have come to its last token before the cancel came; that is no cancel.
      if (reader.tokens.length === MOST_TOKENS) continue;
      canceled += 1;
      expect(reader.terminal?.data).toMatchObject({ finish_reason: 'canceled' });
      const late = await (await service.open(`${path}/stream`)).untilEnd();
      expect(late.tokens).toEqual([]);
    }
    // The one slot still writes what it wrote before any of this.
    const { path, reader } = await run(service, 1);
    await reader.until('a token', ({ tokens }) => tokens.length > 0);
    await service.call({ method: 'POST', path: `${path}/cancel` });
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  },
);
