// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import type { ChatMessage, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { greedy, haikuChat, never, runToEnd, startAdapter } from './__fixtures__/ready-adapter.ts';

const seeds = Array.from({ length: 8 }, (_, index) => index + 1);
const sampled = (seed: number): Partial<WorkerRequest> => ({ sampling: { ...greedy, temperature: 0.9, seed } });

verifies(['ORCH-4220', 'ORCH-7003'], 'isolated slots give the same bytes side by side as alone', async () => {
  await using adapter = await startAdapter({ slots: 4 });
  expect(await adapter.probe(never)).toMatchObject({
    props: { slots: 4, slotMode: 'isolated', features: { determinism: 'strict' } },
  });
  const alone: string[] = [];
  for (const seed of seeds) alone.push((await runToEnd(adapter, sampled(seed))).text);
  const together: string[] = [];
  for (let at = 0; at < seeds.length; at += 4) {
    const results = await Promise.all(seeds.slice(at, at + 4).map((seed) => runToEnd(adapter, sampled(seed))));
    together.push(...results.map(({ text }) => text));
  }
  expect(together).toEqual(alone);
});

verifies('ORCH-4221', 'shared slots run side by side and refuse strict requests', async () => {
  await using adapter = await startAdapter({ slots: 3, slotMode: 'shared' });
  expect(await adapter.probe(never)).toMatchObject({
    props: { slots: 3, slotMode: 'shared', features: { determinism: 'best_effort' } },
  });
  await expect(runToEnd(adapter)).rejects.toMatchObject({
    code: 'INVALID_PARAMS',
    details: { field: '$.determinism' },
  });
  const runs = ['one', 'two', 'three'].map((word) =>
    runToEnd(adapter, { determinism: 'best_effort', input: haikuChat(word) }),
  );
  const texts = (await Promise.all(runs)).map(({ text }) => text);
  for (const [index, word] of ['one', 'two', 'three'].entries()) expect(texts[index]).toContain(word);
});

verifies('ORCH-4222', 'a strict run neither uses nor leaves context memory', async () => {
  await using adapter = await startAdapter();
  const strict = { sessionId: 'session', kvHint: 'reuse' } as const;
  const first = await runToEnd(adapter, strict);
  expect(first.end.contextKept).toBe(false);
  expect(await adapter.metrics(never)).toEqual({ slotsBusy: 0, kvCacheUsageRatio: 0, contexts: [] });
  const second = await runToEnd(adapter, strict);
  expect(second.end.prefixReuse).toBe(false);
  expect(second.text).toBe(first.text);
});

verifies(
  'ORCH-4223',
  'a strict run of a session leaves the memory of the session alone while another slot is free',
  async () => {
    await using adapter = await startAdapter({ slots: 2 });
    const session = { sessionId: 'a', determinism: 'best_effort' } as const;
    await runToEnd(adapter, session);
    expect((await runToEnd(adapter, { sessionId: 'a' })).end.prefixReuse).toBe(false);
    expect((await runToEnd(adapter, session)).end.prefixReuse).toBe(true);
  },
);

verifies('ORCH-4223', 'a session goes back to its slot and evaluates only what is new', async () => {
  await using adapter = await startAdapter({ slots: 2 });
  const turn = (sessionId: string, messages: readonly ChatMessage[], kvHint: 'reuse' | 'cold' = 'reuse') =>
    runToEnd(adapter, {
      sessionId,
      kvHint,
      determinism: 'best_effort',
      input: { workload: 'chat', messages, tools: [] },
    });
  const ask = (word: string): ChatMessage => ({ role: 'user', content: `Next one with the word "${word}".` });
  const first = await turn('a', [ask('frog')]);
  await turn('b', [ask('owl')]);
  expect(first.end.prefixReuse).toBe(false);
  const history: ChatMessage[] = [ask('frog'), { role: 'assistant', content: first.text }, ask('river')];
  const second = await turn('a', history);
  expect(second.end.prefixReuse).toBe(true);
  expect(second.text).toContain('river');
  expect((await turn('a', history, 'cold')).end.prefixReuse).toBe(false);
  expect((await turn('b', [ask('owl')])).end.prefixReuse).toBe(true);
  expect((await turn('c', [ask('owl')])).end.prefixReuse).toBe(false);
});

verifies(
  'ORCH-4223',
  'kept memory is told in bytes, whose had to go is told, and a forgotten one is freed',
  async () => {
    await using adapter = await startAdapter({ slots: 1 });
    const turn = (sessionId: string) => runToEnd(adapter, { sessionId, kvHint: 'reuse', determinism: 'best_effort' });
    const first = await turn('a');
    expect(first.end).toMatchObject({ contextKept: true });
    expect(first.end).not.toHaveProperty('displacedSessionId');
    const { contexts } = await adapter.metrics(never);
    expect(contexts).toEqual([{ sessionId: 'a', bytes: expect.any(Number) }]);
    expect(contexts?.[0]?.bytes).toBeGreaterThan(first.end.tokensIn + first.end.tokensOut);
    expect((await turn('b')).end).toMatchObject({ contextKept: true, displacedSessionId: 'a' });
    expect((await adapter.metrics(never)).contexts).toMatchObject([{ sessionId: 'b' }]);
    adapter.forgetSession?.('a');
    adapter.forgetSession?.('b');
    expect(await adapter.metrics(never)).toMatchObject({ contexts: [] });
    expect((await turn('b')).end.prefixReuse).toBe(false);
  },
);
