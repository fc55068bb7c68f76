// SPDX-License-Identifier: MIT
import {
  collectRun,
  faultOf,
  jsonAnswer,
  PLAIN_SAMPLING,
  requestOf,
  startReplayServer,
  streamAnswer,
  type ReplayAnswer,
  type ReplayServer,
} from '@llama-orch/adapter-kit/testkit';
import type { WorkerAdapter, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { startTgiFake } from './__fixtures__/tgi-fake.ts';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createTgiAdapter, type TgiOptions } from './tgi-adapter.ts';

const never = new AbortController().signal;
const SCHEMA = { type: 'object', properties: { word: { type: 'string' } } } as const;

const ANSWERS: Readonly<Record<string, ReplayAnswer>> = {
  '/health': writtenAnswer('health'),
  '/info': writtenAnswer('info'),
  '/metrics': writtenAnswer('metrics'),
  '/tokenize': writtenAnswer('tokenize'),
  '/generate_stream': writtenAnswer('length'),
};

interface Replay extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly server: ReplayServer;
}

/** An adapter to a router that answers with given bytes; it renders no chat unless told. */
async function startReplay(
  answers: Readonly<Record<string, ReplayAnswer>> = {},
  options: Partial<TgiOptions> = {},
): Promise<Replay> {
  const server = await startReplayServer({ ...ANSWERS, ...answers });
  const adapter = createTgiAdapter({ baseUrl: server.baseUrl, ...options });
  return {
    adapter,
    server,
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function parametersOf(parts: Partial<WorkerRequest>): Promise<Readonly<Record<string, unknown>>> {
  await using replay = await startReplay();
  await collectRun(replay.adapter, requestOf('write', parts));
  const [body] = replay.server.bodiesOf('/generate_stream');
  return body?.['parameters'] as Readonly<Record<string, unknown>>;
}

verifies('ORCH-4600', 'props are those of the router', async () => {
  await using _leaks = watchLeaks();
  await using replay = await startReplay();
  expect(await replay.adapter.probe(never)).toEqual({
    state: 'ready',
    props: {
      engine: 'tgi',
      engineVersion: '3.3.6-dev0-sha-db931fc+db931fcf1d5a9e5a3e4ce53f26b9db1bcd1ca7a6',
      modelId: 'HuggingFaceH4/zephyr-7b-beta',
      modelDigest: undefined,
      slots: 16,
      ctxMaxTokens: 2048,
      workloads: ['completion'],
      slotMode: 'external',
      features: { determinism: 'best_effort', jsonSchema: true, grammar: false, tools: false, sessionReuse: false },
    },
  });
});

verifies('ORCH-4600', 'older routers are read too, and slots are bounded by both sides', async () => {
  await using old = await startReplay({ '/info': writtenAnswer('v2-info') }, { slots: 4 });
  expect(await old.adapter.probe(never)).toMatchObject({
    props: { engineVersion: '2.2.0-native', modelId: '/models/zephyr', slots: 4 },
  });
  await using greedy = await startReplay({}, { slots: 500 });
  expect(await greedy.adapter.probe(never)).toMatchObject({ props: { slots: 128 } });
});

verifies('ORCH-4601', 'an unhealthy router, one that is not there and another server have failed', async () => {
  await using unhealthy = await startReplay({ '/health': writtenAnswer('unhealthy') });
  expect(await unhealthy.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'POOL_UNREADY' } });
  await using other = await startReplay({ '/info': jsonAnswer(200, { hello: 'world' }) });
  expect(await other.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
  // A router that still loads does not listen.
  const fake = await startTgiFake(1);
  await fake.stop();
  const adapter = createTgiAdapter({ baseUrl: fake.baseUrl });
  expect(await adapter.probe(never)).toMatchObject({
    state: 'failed',
    error: { code: 'WORKER_RESET', details: { errno: 'ECONNREFUSED' } },
  });
  await adapter.close();
});

verifies('ORCH-4602', 'another model or revision is refused by name; the digest is the configured one', async () => {
  const modelDigest = `sha256:${'0'.repeat(64)}`;
  const modelId = 'HuggingFaceH4/zephyr-7b-beta';
  const modelRevision = '892b3d7a7b1cf10c7a701c60881cd93df615734c';
  await using same = await startReplay({}, { modelId, modelRevision, modelDigest });
  expect(await same.adapter.probe(never)).toMatchObject({ state: 'ready', props: { modelDigest } });
  for (const [options, details] of [
    [{ modelId: 'org/other' }, { reason: 'other_model', expected: 'org/other', actual: modelId }],
    [{ modelRevision: 'abc' }, { reason: 'other_revision', expected: 'abc', actual: modelRevision }],
  ] as const) {
    await using other = await startReplay({}, options);
    expect(await other.adapter.probe(never)).toMatchObject({
      state: 'failed',
      error: { code: 'POOL_UNREADY', details },
    });
  }
});

verifies(['ORCH-4610', 'ORCH-1502', 'ORCH-1511'], 'every setting is sent, off ones too, and nothing else', async () => {
  const sampling = { ...PLAIN_SAMPLING, temperature: 0.7, topP: 0.9, topK: 11, repeatPenalty: 1.1, stop: ['END'] };
  expect(await parametersOf({ sampling, maxTokens: 33 })).toEqual({
    details: true,
    return_full_text: false,
    decoder_input_details: false,
    watermark: false,
    best_of: null,
    truncate: null,
    top_n_tokens: null,
    typical_p: null,
    adapter_id: null,
    max_new_tokens: 33,
    do_sample: true,
    temperature: 0.7,
    top_k: 11,
    top_p: 0.9,
    repetition_penalty: 1.1,
    frequency_penalty: 0,
    seed: 7,
    stop: ['END'],
    grammar: null,
  });
  const off = await parametersOf({ sampling: { ...PLAIN_SAMPLING, topK: 0, topP: 1 } });
  expect(off).toMatchObject({ details: true, temperature: 0.8, repetition_penalty: 1, frequency_penalty: 0, stop: [] });
  expect(off).not.toHaveProperty('top_p');
  expect(off).not.toHaveProperty('top_k');
});

verifies(['ORCH-4611', 'ORCH-1511'], 'greedy leaves out whatever would switch sampling on', async () => {
  const greedy = await parametersOf({ sampling: { ...PLAIN_SAMPLING, temperature: 0, topK: 40, topP: 0.95 } });
  expect(greedy).toMatchObject({ do_sample: false, seed: 7, details: true });
  for (const name of ['temperature', 'top_k', 'top_p']) expect(greedy).not.toHaveProperty(name);
});

verifies('ORCH-4612', 'a schema is sent as a grammar', async () => {
  const { grammar } = await parametersOf({ responseFormat: { type: 'json_schema', schema: SCHEMA } });
  expect(grammar).toEqual({ type: 'json', value: SCHEMA });
});

verifies(['ORCH-4610', 'ORCH-1511'], 'what the engine has not is refused before it is asked', async () => {
  await using replay = await startReplay();
  const refused = async (parts: Partial<WorkerRequest>, prompt = 'a'): Promise<unknown> => {
    const fault = await faultOf(collectRun(replay.adapter, requestOf(prompt, parts)));
    expect(fault.code).toBe('INVALID_PARAMS');
    return fault.details['field'];
  };
  expect(await refused({ sampling: { ...PLAIN_SAMPLING, minP: 0.05 } })).toBe('$.min_p');
  expect(await refused({ sampling: { ...PLAIN_SAMPLING, presencePenalty: 1 } })).toBe('$.presence_penalty');
  expect(await refused({ sampling: { ...PLAIN_SAMPLING, stop: ['a', 'b', 'c', 'd', 'e'] } })).toBe('$.stop');
  expect(await refused({ responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } })).toBe('$.response_format');
  expect(await refused({}, '')).toBe('$.prompt');
  expect(replay.server.bodiesOf('/generate_stream')).toHaveLength(0);
});

verifies('ORCH-4613', 'strict is offered for one slot of a router whose operator confirms it', async () => {
  for (const [options, determinism] of [
    [{ slots: 1 }, 'best_effort'],
    [{ isRepeatable: true }, 'best_effort'],
    [{ slots: 1, isRepeatable: true }, 'strict'],
  ] as const) {
    await using replay = await startReplay({}, options);
    expect(await replay.adapter.probe(never)).toMatchObject({ props: { features: { determinism } } });
  }
});

verifies(
  ['ORCH-4603', 'ORCH-4614'],
  'a chat is rendered by the engine and reaches it without a second first token',
  async () => {
    await using fake = await startTgiFake(4);
    const adapter = createTgiAdapter({ baseUrl: fake.baseUrl });
    expect(await adapter.probe(never)).toMatchObject({ props: { workloads: ['completion', 'chat'] } });
    const messages = [{ role: 'user', content: 'brief words' }] as const;
    const chat = requestOf('', { input: { workload: 'chat', messages, tools: [] } });
    const { end } = await collectRun(adapter, chat);
    // <s> [user] brief words [assistant] and the spaces between.
    expect(end).toMatchObject({ finishReason: 'stop', tokensIn: 8 });
    expect(await adapter.countPromptTokens?.(chat, never)).toBe(8);
    await adapter.close();
  },
);

verifies('ORCH-4603', 'no chat where the template is missing or the tokens differ; found out once', async () => {
  const rendered = { tokenize_response: [{ id: 5, text: '[x]', start: 0, stop: 3 }], templated_text: '[x] a' };
  for (const answer of [
    jsonAnswer(422, { error: 'Template error: no chat template', error_type: 'template_error' }),
    jsonAnswer(404, {}),
    jsonAnswer(500, {}),
    jsonAnswer(200, rendered),
  ]) {
    await using replay = await startReplay({ '/chat_tokenize': answer });
    expect(await replay.adapter.probe(never)).toMatchObject({ props: { workloads: ['completion'] } });
    await replay.adapter.probe(never);
    expect(replay.server.bodiesOf('/chat_tokenize')).toEqual([
      { model: 'tgi', messages: [{ role: 'user', content: 'a' }] },
    ]);
  }
  await using broken = await startReplay({
    '/chat_tokenize': jsonAnswer(429, { error: 'x', error_type: 'overloaded' }),
  });
  expect(await broken.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'REPLICA_EXHAUSTED' } });
});

verifies('ORCH-4614', 'prompt tokens are those of the engine, special ones too', async () => {
  await using replay = await startReplay();
  expect(await replay.adapter.countPromptTokens?.(requestOf('Hi'), never)).toBe(2);
  expect(replay.server.bodiesOf('/tokenize')).toContainEqual({ inputs: 'Hi' });
});

verifies(['ORCH-4604', 'ORCH-1516'], 'readings are those of the batch; what never happened is 0', async () => {
  await using replay = await startReplay();
  expect(await replay.adapter.metrics(never)).toEqual({ slotsBusy: 3, kvCacheUsageRatio: 0.025 });
  await using fresh = await startReplay({ '/metrics': Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n') });
  expect(await fresh.adapter.metrics(never)).toEqual({ slotsBusy: 0 });
});

verifies(['ORCH-4624', 'ORCH-1506', 'ORCH-1511'], 'faults are found inside a stream of status 200', async () => {
  for (const [name, code, pieces] of [
    ['error-validation', 'INVALID_PARAMS', 0],
    ['error-overloaded', 'REPLICA_EXHAUSTED', 0],
    ['error-generation', 'WORKER_RESET', 1],
  ] as const) {
    await using replay = await startReplay({ '/generate_stream': writtenAnswer(name) });
    let count = 0;
    const run = replay.adapter.run(requestOf('a'), { onTokens: (texts) => (count += texts.length) }, never);
    expect((await faultOf(run)).code, name).toBe(code);
    expect(count).toBe(pieces);
  }
});

verifies(['ORCH-4621', 'ORCH-4624'], 'answers that are no stream, or a cut one, end the run once', async () => {
  const answers: Readonly<Record<string, ReplayAnswer>> = {
    html: Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>'),
    whole: jsonAnswer(200, { generated_text: 'a' }),
    empty: streamAnswer(''),
    cut: writtenAnswer('eos').subarray(0, 700),
    endless: streamAnswer(`data: ${'x'.repeat(1_100_000)}`),
  };
  // Side by side: each waits until its engine must have let go.
  const endsOnce = async ([name, answer]: [string, ReplayAnswer]): Promise<void> => {
    await using replay = await startReplay({ '/generate_stream': answer });
    const fault = await faultOf(collectRun(replay.adapter, requestOf('a')));
    expect(`${name}: ${fault.code}`).toBe(`${name}: WORKER_RESET`);
  };
  await Promise.all(Object.entries(answers).map(endsOnce));
});

verifies('ORCH-4610', "requests carry the key, and a wrong one is the operator's fault", async () => {
  await using replay = await startReplay({ '/generate_stream': writtenAnswer('no-key') }, { apiKey: 'canary-key' });
  const fault = await faultOf(collectRun(replay.adapter, requestOf('a')));
  expect(fault.code).toBe('INTERNAL');
  expect(JSON.stringify([fault.message, fault.details])).not.toContain('canary');
  for (const { head } of replay.server.seen) expect(head).toMatch(/^authorization: Bearer canary-key\r$/im);
});

/** Answers with one token and no end. */
const goesOn: ReplayAnswer = (socket) => socket.write(streamAnswer(beginning('eos'), { isCut: true }));
const beginning = (name: string): string => /data: .*\n\n/.exec(writtenAnswer(name).toString())?.[0] ?? '';

verifies(['ORCH-4625', 'ORCH-1511'], 'a canceled run settles when the batch holds no more than our runs', async () => {
  const readings = [3, 2, 1, 0];
  const metrics: ReplayAnswer = (socket) => {
    const body = `tgi_batch_current_size ${readings.shift() ?? 0}\n`;
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  };
  await using replay = await startReplay({ '/generate_stream': goesOn, '/metrics': metrics });
  const abort = new AbortController();
  const started = Promise.withResolvers<void>();
  const other = replay.adapter
    .run(requestOf('a'), { onTokens: () => started.resolve() }, never)
    .catch(() => 'cut at the end');
  await started.promise;
  const end = await replay.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal);
  expect(end).toMatchObject({ finishReason: 'canceled', tokensOut: 1 });
  expect(readings).toEqual([0]);
  await replay.adapter.close();
  await other;
});

verifies('ORCH-4625', 'a run that goes on in the engine is a reset', async () => {
  await using replay = await startReplay({ '/generate_stream': goesOn }, { releaseTimeoutMs: 50 });
  const abort = new AbortController();
  const run = replay.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal);
  expect((await faultOf(run)).details).toMatchObject({ reason: 'slot_stuck' });
});

verifies('ORCH-4625', 'a shared router is given time to notice', async () => {
  await using replay = await startReplay({ '/generate_stream': goesOn }, { isShared: true });
  const abort = new AbortController();
  const end = await replay.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal);
  expect(end.finishReason).toBe('canceled');
  expect(replay.server.bodiesOf('/metrics')).toHaveLength(0);
});
