// SPDX-License-Identifier: MIT
import net, { type Socket } from 'node:net';
import { once } from 'node:events';
import {
  collectRun,
  faultOf,
  jsonAnswer,
  rawAnswer,
  requestOf,
  startReplayServer,
  streamAnswer,
  type ReplayAnswer,
  type ReplayServer,
} from '@llama-orch/adapter-kit/testkit';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import type { WorkerAdapter, WorkerHealth, WorkerInput } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { startVllmEngine } from './__fixtures__/vllm-engine.ts';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createVllmAdapter, type VllmOptions } from './vllm-adapter.ts';

const never = new AbortController().signal;
const BASE_MODEL = { id: 'm', object: 'model', owned_by: 'vllm', root: '/models/m', parent: null, max_model_len: 4096 };
const LORA = { id: 'm-lora', object: 'model', owned_by: 'vllm', root: 'me/lora', parent: 'm' };
const IDLE = 'vllm:num_requests_running{engine="0",model_name="m"} 0.0\n';
const ANSWERS: Readonly<Record<string, ReplayAnswer>> = {
  '/health': rawAnswer(200, '', ''),
  '/version': jsonAnswer(200, { version: '0.13.1' }),
  '/v1/models': jsonAnswer(200, { object: 'list', data: [LORA, BASE_MODEL] }),
  '/metrics': rawAnswer(200, 'text/plain; version=0.0.4', IDLE),
  '/v1/completions': streamAnswer(writtenAnswer('completion.sse')),
  '/v1/chat/completions': streamAnswer(writtenAnswer('chat-running-usage.sse'), { chunkBytes: 11 }),
};

interface Setting extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly server: ReplayServer;
}

async function start(
  answers: Readonly<Record<string, ReplayAnswer>> = {},
  options: Partial<VllmOptions> = {},
): Promise<Setting> {
  const server = await startReplayServer({ ...ANSWERS, ...answers });
  const adapter = createVllmAdapter({ baseUrl: server.baseUrl, ...options });
  return {
    adapter,
    server,
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function probe(
  answers: Readonly<Record<string, ReplayAnswer>>,
  options?: Partial<VllmOptions>,
): Promise<WorkerHealth> {
  await using setting = await start(answers, options);
  return await setting.adapter.probe(never);
}

verifies('ORCH-4500', 'props are what the server and the operator say', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(await probe({})).toEqual({
    state: 'ready',
    props: {
      engine: 'vllm',
      engineVersion: '0.13.1',
      modelId: 'm',
      modelDigest: undefined,
      slots: 16,
      ctxMaxTokens: 4096,
      workloads: ['completion', 'chat'],
      slotMode: 'external',
      features: { determinism: 'best_effort', jsonSchema: true, grammar: true, tools: false, sessionReuse: true },
    },
  });
  const told = { slots: 3, modelDigest: digest, workloads: ['embedding'], tools: true } as const;
  expect(await probe({ '/version': jsonAnswer(404, { detail: 'Not Found' }) }, told)).toMatchObject({
    props: {
      engineVersion: 'unknown',
      slots: 3,
      modelDigest: digest,
      workloads: ['embedding'],
      features: { tools: true },
    },
  });
});

verifies(['ORCH-4507', 'ORCH-4509'], 'features follow from the version and the operator', async () => {
  for (const [version, grammar] of [
    ['0.10.0', true],
    ['0.13.0.dev3+g1', true],
    ['dev', false],
  ] as const) {
    expect(await probe({ '/version': jsonAnswer(200, { version }) })).toMatchObject({
      props: { features: { grammar } },
    });
  }
  const strict = await probe({}, { batchInvariant: true });
  expect(strict).toMatchObject({ props: { features: { determinism: 'strict' } } });
});

verifies(
  ['ORCH-4507', 'ORCH-1502'],
  'an old build gets its own field for a grammar, an unknown one no grammar',
  async () => {
    const request = requestOf('a', { responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } });
    await using old = await start({ '/version': jsonAnswer(200, { version: '0.10.0' }) });
    await collectRun(old.adapter, request);
    expect(old.server.bodiesOf('/v1/completions')).toMatchObject([{ guided_grammar: 'root ::= "a"' }]);
    await using unknown = await start({ '/version': jsonAnswer(200, {}) });
    expect((await faultOf(collectRun(unknown.adapter, request))).details).toEqual({ field: '$.response_format' });
  },
);

verifies('ORCH-4502', 'the configured model is found by name or root, another one is refused', async () => {
  for (const modelId of ['m', '/models/m', 'm-lora']) {
    expect(await probe({}, { modelId })).toMatchObject({ state: 'ready', props: { modelId, ctxMaxTokens: 4096 } });
  }
  const other = await probe({}, { modelId: 'other' });
  expect(other).toMatchObject({
    state: 'failed',
    error: { code: 'POOL_UNREADY', details: { reason: 'other_model', expected: 'other', actual: 'm-lora' } },
  });
});

verifies('ORCH-4502', 'a root is asked for by its served name', async () => {
  await using setting = await start({}, { modelId: '/models/m' });
  await collectRun(setting.adapter, requestOf('a'));
  expect(setting.server.bodiesOf('/v1/completions')).toMatchObject([{ model: 'm' }]);
});

verifies(['ORCH-4501', 'ORCH-1510'], 'a refused connection is loading until the engine was ready once', async () => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as net.AddressInfo;
  holder.close();
  await once(holder, 'close');
  const loading = createVllmAdapter({ baseUrl: `http://127.0.0.1:${port}` });
  expect(await loading.probe(never)).toEqual({ state: 'loading' });
  await loading.close();
  expect((await loading.probe(never)).state).toBe('failed');
  const engine = await startVllmEngine();
  const adapter = createVllmAdapter({ baseUrl: engine.baseUrl });
  expect((await adapter.probe(never)).state).toBe('ready');
  await engine.stop();
  expect(await adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
  await adapter.close();
});

verifies('ORCH-4501', 'a server that scales loads, a dead engine has failed, and so has another server', async () => {
  const scaling = jsonAnswer(503, { error: 'The model is currently scaling. Please try again later.' });
  expect(await probe({ '/health': scaling })).toEqual({ state: 'loading' });
  for (const [answers, code] of [
    [{ '/health': rawAnswer(503, '', '') }, 'WORKER_RESET'],
    [{ '/health': rawAnswer(502, 'text/html', '<html>') }, 'WORKER_RESET'],
    [{ '/v1/models': jsonAnswer(401, { error: 'Unauthorized' }) }, 'INTERNAL'],
    [{ '/v1/models': rawAnswer(200, 'text/html', '<html>') }, 'WORKER_RESET'],
    [{ '/v1/models': jsonAnswer(200, { data: [{ id: 'gpt' }] }) }, 'WORKER_RESET'],
  ] as const) {
    expect(await probe(answers)).toMatchObject({ state: 'failed', error: { code } });
  }
});

verifies('ORCH-4503', 'readings are found under the names of every build', async () => {
  for (const [text, metrics] of [
    [writtenAnswer('metrics.prom').toString(), { slotsBusy: 3, kvCacheUsageRatio: 0.5 }],
    [writtenAnswer('metrics-2025-05.prom').toString(), { slotsBusy: 1, kvCacheUsageRatio: 0.125 }],
    ['', {}],
  ] as const) {
    await using setting = await start({ '/metrics': rawAnswer(200, 'text/plain', text) });
    expect(await setting.adapter.metrics(never)).toEqual(metrics);
  }
  await using without = await start({ '/metrics': jsonAnswer(404, { detail: 'Not Found' }) });
  expect((await faultOf(without.adapter.metrics(never))).code).toBe('INTERNAL');
});

verifies('ORCH-4505', 'a chat and a completion go to their endpoints, with the key', async () => {
  await using setting = await start({}, { apiKey: 'canary-key' });
  const messages = [{ role: 'user', content: 'rain?' }] as const;
  const chat = await collectRun(setting.adapter, requestOf('', { input: { workload: 'chat', messages, tools: [] } }));
  expect(chat).toMatchObject({ text: 'Regen "auf" 🌧é\n\\end', end: { tokensIn: 9, tokensOut: 7, prefixReuse: true } });
  expect((await collectRun(setting.adapter, requestOf('a'))).text).toBe('Rain on tin');
  for (const { head } of setting.server.seen) expect(head).toMatch(/^authorization: Bearer canary-key\r$/im);
});

verifies('ORCH-4505', 'vectors and scores come in the order of the inputs', async () => {
  const vectors = [
    { index: 1, object: 'embedding', embedding: [0, 1] },
    { index: 0, object: 'embedding', embedding: [1, 0] },
  ];
  const results = [
    { index: 1, document: { text: 'rain' }, relevance_score: 0.9 },
    { index: 0, document: { text: 'soup' }, relevance_score: 0.1 },
  ];
  const usage = { prompt_tokens: 4, total_tokens: 4 };
  await using setting = await start(
    {
      '/v1/embeddings': jsonAnswer(200, { id: 'embd-1', object: 'list', model: 'm', data: vectors, usage }),
      '/v1/rerank': jsonAnswer(200, { id: 'score-1', model: 'm', results, usage }),
    },
    { workloads: ['embedding', 'rerank'] },
  );
  const run = async (input: WorkerInput) => (await collectRun(setting.adapter, requestOf('', { input }))).end;
  expect(await run({ workload: 'embedding', inputs: ['a', 'b'] })).toMatchObject({
    embeddings: [
      [1, 0],
      [0, 1],
    ],
    tokensIn: 4,
    tokensOut: 0,
  });
  expect(await run({ workload: 'rerank', query: 'q', documents: ['soup', 'rain'] })).toMatchObject({
    scores: [0.1, 0.9],
  });
  expect(setting.server.bodiesOf('/v1/rerank')).toEqual([
    { model: 'm', query: 'q', documents: ['soup', 'rain'], top_n: 2 },
  ]);
  expect(setting.server.bodiesOf('/v1/embeddings')).toEqual([
    { model: 'm', input: ['a', 'b'], encoding_format: 'float' },
  ]);
});

verifies('ORCH-4505', 'a model that has no vectors refuses them', async () => {
  for (const [status, code] of [
    [404, 'INTERNAL'],
    [400, 'INVALID_PARAMS'],
    [501, 'INVALID_PARAMS'],
  ] as const) {
    const answer = jsonAnswer(status, { detail: 'Not Found' });
    await using setting = await start({ '/v1/embeddings': answer }, { workloads: ['embedding'] });
    const input = { workload: 'embedding', inputs: ['a'] } as const;
    expect([status, (await faultOf(collectRun(setting.adapter, requestOf('', { input })))).code]).toEqual([
      status,
      code,
    ]);
  }
});

verifies(['ORCH-4512', 'ORCH-4513'], 'answers that are no stream, or broken ones, end the run once', async () => {
  for (const [name, answer, code] of [
    ['html', rawAnswer(200, 'text/html', '<html>'), 'WORKER_RESET'],
    ['a whole answer', jsonAnswer(200, { object: 'text_completion', choices: [{ text: 'a' }] }), 'WORKER_RESET'],
    ['an error of the engine', streamAnswer(writtenAnswer('error-mid-stream.sse')), 'WORKER_RESET'],
    ['a clean end too early', streamAnswer(writtenAnswer('cut.sse')), 'WORKER_RESET'],
    ['a cut', streamAnswer(writtenAnswer('cut.sse'), { isCut: true }), 'WORKER_RESET'],
    ['a refusal', jsonAnswer(400, { error: { message: 'no', type: 'BadRequestError', code: 400 } }), 'INVALID_PARAMS'],
  ] as const) {
    await using setting = await start({ '/v1/completions': answer });
    expect([name, (await faultOf(collectRun(setting.adapter, requestOf('a')))).code]).toEqual([name, code]);
  }
});

/** Begins a stream that stays open. */
const staysOpen = (socket: Socket): void => {
  socket.write(streamAnswer(writtenAnswer('cut.sse'), { isCut: true }));
};

verifies(
  ['ORCH-4514', 'ORCH-1510'],
  'a cancel closes the connection and waits until the gauges have come down',
  async () => {
    await using _leaks = watchLeaks();
    const closed = Promise.withResolvers<void>();
    const gauges = ['1.0', '1.0', '0.0'];
    await using setting = await start({
      '/v1/completions': (socket) => {
        socket.on('close', () => closed.resolve());
        staysOpen(socket);
      },
      '/metrics': (socket) => {
        const text = `vllm:num_requests_running{engine="0"} ${gauges.shift() ?? '0.0'}\nvllm:num_requests_waiting{engine="0"} 0.0\n`;
        socket.end(rawAnswer(200, 'text/plain', text));
      },
    });
    const abort = new AbortController();
    const end = await setting.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal);
    await closed.promise;
    expect(end.finishReason).toBe('canceled');
    expect(gauges).toEqual([]);
  },
);

verifies('ORCH-4514', 'of two canceled at once neither takes the other for itself', async () => {
  const gauges = ['1.0', '1.0', '1.0', '1.0', '0.0'];
  await using setting = await start({
    '/v1/completions': staysOpen,
    '/metrics': (socket) => {
      socket.end(rawAnswer(200, 'text/plain', IDLE.replace('0.0', gauges.length > 1 ? (gauges.shift() ?? '') : '0.0')));
    },
  });
  const abort = new AbortController();
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = begun.map(({ resolve }) =>
    setting.adapter.run(requestOf('a'), { onTokens: () => resolve() }, abort.signal),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  abort.abort();
  await Promise.race(runs);
  expect(gauges).toEqual(['0.0']);
  await Promise.all(runs);
});

verifies('ORCH-4514', 'an engine that goes on is stuck; one that others share is given time to notice', async () => {
  const busy = { '/v1/completions': staysOpen, '/metrics': rawAnswer(200, 'text/plain', IDLE.replace('0.0', '1.0')) };
  await using stuck = await start(busy, { releaseTimeoutMs: 50 });
  const abort = new AbortController();
  const fault = await faultOf(stuck.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal));
  expect([fault.code, fault.details]).toEqual(['WORKER_RESET', { reason: 'slot_stuck', limit_ms: 50 }]);
  await using shared = await start(busy, { isShared: true });
  const other = new AbortController();
  const end = await shared.adapter.run(requestOf('a'), { onTokens: () => other.abort() }, other.signal);
  expect(end.finishReason).toBe('canceled');
});

verifies(
  'ORCH-4514',
  'a request that the engine lets wait is an open, silent stream, and is let go when its time is over',
  async () => {
    const silent = (socket: Socket): void => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
    };
    await using setting = await start({ '/v1/completions': silent }, { idleTimeoutMs: 30 });
    const fault = await faultOf(collectRun(setting.adapter, requestOf('a')));
    expect([fault.code, fault.details['reason']]).toEqual(['DECODE_TIMEOUT', 'idle_timeout']);
    expect(setting.server.seen.at(-1)?.path).toBe('/metrics');
  },
);

verifies('ORCH-4515', 'a prompt is counted without a generation', async () => {
  await using setting = await start({ '/tokenize': jsonAnswer(200, { count: 21, max_model_len: 4096, tokens: [] }) });
  expect(await setting.adapter.countPromptTokens?.(requestOf('rain'), never)).toBe(21);
  expect(setting.server.bodiesOf('/tokenize')).toEqual([{ model: 'm', prompt: 'rain', add_special_tokens: true }]);
  expect(setting.server.bodiesOf('/v1/completions')).toEqual([]);
  await using without = await start({});
  expect((await faultOf(without.adapter.countPromptTokens?.(requestOf('a'), never) ?? Promise.resolve())).code).toBe(
    'INTERNAL',
  );
});
