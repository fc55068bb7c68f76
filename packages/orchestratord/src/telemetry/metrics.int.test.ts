// SPDX-License-Identifier: MIT
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Meter } from '@llama-orch/orchestrator-core';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { compose } from '../compose.ts';
import { configOf } from '../config/load-config.ts';

/** Runs one task and tells how often the meter was called for it. */
async function meterCallsOf(tokenCount: number): Promise<number> {
  let callCount = 0;
  const count = (): void => {
    callCount++;
  };
  const meter: Meter = { add: count, set: count, observe: count };
  await using folder = await mkdtempDisposable(join(tmpdir(), 'metrics-'));
  const raw = {
    pools: [{ id: 'mock', adapter: 'mock', max_tokens_out: 100_000 }],
    store: { backend: 'memory', directory: folder.path },
  };
  const loaded = configOf(raw, { env: { XDG_STATE_HOME: folder.path }, folder: folder.path });
  const composition = await compose({ ...loaded, logger: { log: () => undefined }, meter });
  const { orchestrator } = composition;
  await composition.start(AbortSignal.timeout(60_000));
  callCount = 0;
  const ended = Promise.withResolvers<undefined>();
  orchestrator.watch((event) => {
    if (event.kind === 'task' && event.state === 'completed') ended.resolve(undefined);
  });
  const input = { workload: 'completion', prompt: `[[mock tokens=${tokenCount}]]` } as const;
  await orchestrator.submit({ input, maxTokens: tokenCount }, { identity: 'test', correlationId: 'test' });
  await ended.promise;
  const calls = callCount;
  await orchestrator.stop('the test is over');
  await composition.artifacts.close();
  await composition.closeEngines();
  await composition.closeStore();
  return calls;
}

verifies('ORCH-6004', 'a task of many tokens costs the meter what a task of one token costs', async () => {
  const [one, many] = [await meterCallsOf(1), await meterCallsOf(2_000)];
  expect(one).toBeGreaterThan(3);
  expect(many).toBe(one);
});
