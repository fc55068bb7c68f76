// SPDX-License-Identifier: MIT
import { OrchError, type WorkerAdapter, type WorkerEnd, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { requestOf } from './__fixtures__/request-of.ts';
import { VirtualClock } from './__fixtures__/virtual-clock.ts';
import { createMockAdapter, type MockAdapterOptions } from './mock-adapter.ts';

interface Started {
  readonly calls: (readonly string[])[];
  readonly end: Promise<WorkerEnd>;
  readonly fault: Promise<OrchError>;
  readonly controller: AbortController;
  text(): string;
}

function start(adapter: WorkerAdapter, request: WorkerRequest): Started {
  const calls: (readonly string[])[] = [];
  const controller = new AbortController();
  const end = adapter.run(request, { onTokens: (texts) => calls.push(texts) }, controller.signal);
  const fault = end.then(
    () => Promise.reject(new Error('resolved')),
    (error: unknown) => (OrchError.is(error) ? error : Promise.reject(new Error('no OrchError'))),
  );
  fault.catch(() => 'only some tests look at the fault');
  return { calls, end, fault, controller, text: () => calls.flat().join('') };
}

function virtual(options: MockAdapterOptions = {}) {
  const clock = new VirtualClock();
  return { clock, adapter: createMockAdapter({ clock, delayMs: 10, ...options }) };
}

/** The text of a whole run in virtual time. */
async function textOf(prompt: string, sampling: Partial<WorkerRequest['sampling']> = {}): Promise<string> {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf(prompt, { sampling }));
  clock.advance(10_000);
  await run.end;
  return run.text();
}

verifies('ORCH-4100', 'the same request gives the same words, another seed or input gives others', async () => {
  const text = await textOf('write', { seed: 7 });
  expect(text).toMatch(/^[a-z]+( [a-z]+){7,38}$/);
  expect(await textOf('write', { seed: 7 })).toBe(text);
  expect(await textOf('write', { seed: 8 })).not.toBe(text);
  expect(await textOf('draw', { seed: 7 })).not.toBe(text);
});

verifies('ORCH-4101', 'the bound on tokens cuts with length', async () => {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf('[[mock tokens=9]]', { maxTokens: 4 }));
  clock.advance(1_000);
  expect(await run.end).toMatchObject({ finishReason: 'length', tokensOut: 4 });
  expect(run.calls.flat()).toHaveLength(4);
});

verifies('ORCH-4101', 'a stop text and what follows it are left out, also across pieces', async () => {
  const pieces = ['ab', 'cd', 'ef', 'gh'];
  const { adapter, clock } = virtual({ script: () => ({ pieces }) });
  const run = start(adapter, requestOf('x', { sampling: { stop: ['nowhere', 'de'] } }));
  clock.advance(1_000);
  expect(await run.end).toMatchObject({ finishReason: 'stop', tokensOut: 2 });
  expect(run.calls.flat()).toEqual(['ab', 'c']);
});

verifies('ORCH-4102', 'pieces come at the virtual times the script asks for', async () => {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf('[[mock tokens=5 start_ms=100 delay_ms=20 burst=2]]'));
  clock.advance(99);
  expect(run.calls).toHaveLength(0);
  clock.advance(1);
  expect(run.calls.map(({ length }) => length)).toEqual([2]);
  clock.advance(40);
  expect(run.calls.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(await run.end).toMatchObject({ finishReason: 'stop', tokensOut: 5, decodeTimeMs: 140 });
  expect(clock.waitingCount).toBe(0);
});

verifies('ORCH-4103', 'a directive wins over the script, the script over the options', async () => {
  const { adapter, clock } = virtual({ burst: 1, script: () => ({ pieces: ['a', 'b'], burst: 2, tokens: 6 }) });
  const scripted = start(adapter, requestOf('plain'));
  const directed = start(adapter, requestOf('[[mock tokens=3]]'));
  clock.advance(1_000);
  expect(scripted.calls).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(directed.calls).toEqual([['a', 'b'], ['a']]);
});

verifies('ORCH-4103', 'an unknown directive is refused, and read only where enabled', async () => {
  for (const setting of ['token=3', 'tokens=x', 'fault=explode', 'tokens']) {
    const fault = await start(virtual().adapter, requestOf(`[[mock ${setting}]]`)).fault;
    expect(fault.code).toBe('INVALID_PARAMS');
    expect(fault.details).toEqual({ field: '$.prompt', setting });
  }
  const { adapter, clock } = virtual({ directives: false });
  const run = start(adapter, requestOf('[[mock fault=explode]]'));
  clock.advance(1_000);
  expect((await run.end).tokensOut).toBeGreaterThan(0);
});

verifies('ORCH-4103', 'a directive in any message of a chat counts', async () => {
  const { adapter, clock } = virtual();
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'hi [[mock tokens=2]]' },
  ] as const;
  const run = start(adapter, requestOf('', { input: { workload: 'chat', messages, tools: [] } }));
  clock.advance(1_000);
  expect((await run.end).tokensOut).toBe(2);
});

verifies('ORCH-4104', 'a hang sends its pieces and never ends until it is aborted', async () => {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf('[[mock tokens=9 fault=hang at=3]]'));
  clock.advance(3_600_000);
  expect(run.calls.flat()).toHaveLength(3);
  expect(await adapter.metrics(run.controller.signal)).toMatchObject({ slotsBusy: 1 });
  run.controller.abort();
  expect(await run.end).toMatchObject({ finishReason: 'canceled', tokensOut: 3 });
});

verifies('ORCH-4104', 'a crash ends every run, and the engine is back after its restart delay', async () => {
  const { adapter, clock } = virtual({ restartMs: 500 });
  const bystander = start(adapter, requestOf('[[mock tokens=99]]', { maxTokens: 99 }));
  const crashing = start(adapter, requestOf('[[mock tokens=9 fault=crash at=2]]'));
  clock.advance(50);
  expect((await crashing.fault).code).toBe('WORKER_RESET');
  expect((await bystander.fault).details).toEqual({ reason: 'engine_exited' });
  const { signal } = crashing.controller;
  expect(await adapter.probe(signal)).toMatchObject({ state: 'failed' });
  expect((await start(adapter, requestOf('x')).fault).code).toBe('WORKER_RESET');
  await expect(adapter.metrics(signal)).rejects.toMatchObject({ code: 'WORKER_RESET' });
  clock.advance(500);
  expect(await adapter.probe(signal)).toMatchObject({ state: 'ready' });
});

verifies('ORCH-4104', 'faults end with their codes, after the pieces asked for', async () => {
  const played: string[] = [];
  for (const fault of ['malformed', 'refuse', 'exhausted', 'malformed at=0']) {
    const { adapter, clock } = virtual();
    const run = start(adapter, requestOf(`[[mock tokens=9 fault=${fault}]]`));
    clock.advance(1_000);
    played.push(`${fault}: ${(await run.fault).code} after ${run.calls.flat().length}`);
  }
  expect(played).toEqual([
    'malformed: WORKER_RESET after 1',
    'refuse: INVALID_PARAMS after 0',
    'exhausted: REPLICA_EXHAUSTED after 0',
    'malformed at=0: WORKER_RESET after 0',
  ]);
});

verifies('ORCH-4104', 'a flood sends all that is left in one call', async () => {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf('[[mock tokens=100000 fault=flood at=2]]', { maxTokens: 100_000 }));
  clock.advance(10);
  expect(await run.end).toMatchObject({ finishReason: 'stop', tokensOut: 100_000 });
  expect(run.calls.map(({ length }) => length)).toEqual([1, 1, 99_998]);
});

verifies('ORCH-4105', 'late tokens come after an abort only where asked for', async () => {
  for (const [directive, late] of [
    ['fault=late_tokens', 3],
    ['delay_ms=10', 0],
  ] as const) {
    const { adapter, clock } = virtual();
    const run = start(adapter, requestOf(`[[mock tokens=50 ${directive}]]`));
    clock.advance(20);
    run.controller.abort();
    expect((await run.end).finishReason).toBe('canceled');
    const before = run.calls.length;
    clock.advance(1_000);
    expect(run.calls.length - before).toBe(late);
    expect(clock.waitingCount).toBe(0);
  }
});

verifies('ORCH-4105', 'an ignored abort holds the slot until close', async () => {
  const { adapter, clock } = virtual();
  const run = start(adapter, requestOf('[[mock tokens=50 fault=ignore_abort]]'));
  clock.advance(20);
  const before = run.calls.length;
  run.controller.abort();
  clock.advance(1_000);
  expect(run.calls).toHaveLength(before);
  expect(await adapter.metrics(run.controller.signal)).toMatchObject({ slotsBusy: 1 });
  await adapter.close();
  expect((await run.end).finishReason).toBe('canceled');
});

verifies('ORCH-4106', 'loading takes its time, and a load can fail', async () => {
  const { adapter, clock } = virtual({ loadMs: 200 });
  const { signal } = new AbortController();
  clock.advance(50);
  expect(await adapter.probe(signal)).toEqual({ state: 'loading', progressRatio: 0.25 });
  expect((await start(adapter, requestOf('x')).fault).code).toBe('POOL_UNREADY');
  clock.advance(150);
  expect(await adapter.probe(signal)).toMatchObject({ state: 'ready' });
  expect(await virtual({ failLoad: true }).adapter.probe(signal)).toMatchObject({ state: 'failed' });
});

verifies('ORCH-4107', 'embeddings are unit vectors of the text alone', async () => {
  const { adapter } = virtual();
  const run = start(adapter, requestOf('', { input: { workload: 'embedding', inputs: ['rain', 'snow', 'rain'] } }));
  const { embeddings = [], tokensIn, tokensOut } = await run.end;
  expect([tokensIn, tokensOut]).toEqual([3, 0]);
  expect(embeddings[2]).toEqual(embeddings[0]);
  expect(embeddings[1]).not.toEqual(embeddings[0]);
  for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
});

verifies('ORCH-4107', 'rerank scores rise with the words shared', async () => {
  const { adapter } = virtual();
  const documents = ['soup recipe', 'rain over the river', 'a river in the rain tonight'];
  const input = { workload: 'rerank', query: 'rain tonight', documents } as const;
  const { scores = [] } = await start(adapter, requestOf('', { input })).end;
  const [none = 0, one = 0, two = 0] = scores;
  expect(none < one && one < two).toBe(true);
});

verifies(
  'ORCH-4105',
  'an engine that drifts gives other text in each run, from the piece of the fault on',
  async () => {
    const { adapter, clock } = virtual();
    const texts: string[][] = [];
    for (let round = 0; round < 2; round += 1) {
      const run = start(adapter, requestOf('[[mock tokens=6 fault=drift at=3]]'));
      clock.advance(1_000);
      expect(await run.end).toMatchObject({ finishReason: 'stop', tokensOut: 6 });
      texts.push(run.calls.flat());
    }
    const [first = [], second = []] = texts;
    expect(second.slice(0, 3)).toEqual(first.slice(0, 3));
    expect(second[3]).not.toBe(first[3]);
  },
);
