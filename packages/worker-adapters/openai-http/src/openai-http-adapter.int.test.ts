// SPDX-License-Identifier: MIT
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
import type { WorkerAdapter, WorkerHealth, WorkerInput, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createOpenaiHttpAdapter, type OpenaiHttpOptions } from './openai-http-adapter.ts';

const never = new AbortController().signal;
const listOf = (...ids: readonly string[]): Buffer =>
  jsonAnswer(200, { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'me' })) });
const ANSWERS: Readonly<Record<string, ReplayAnswer>> = {
  '/v1/models': listOf('m', 'other'),
  '/v1/completions': streamAnswer(writtenAnswer('text.sse')),
  '/v1/chat/completions': streamAnswer(writtenAnswer('openai.sse'), { chunkBytes: 13 }),
};

interface Setting extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly server: ReplayServer;
}

async function start(
  answers: Readonly<Record<string, ReplayAnswer>> = {},
  options: Partial<OpenaiHttpOptions> = {},
): Promise<Setting> {
  const server = await startReplayServer({ ...ANSWERS, ...answers });
  const where = { baseUrl: `${server.baseUrl}/v1`, modelId: 'm', ctxMaxTokens: 4096 };
  const adapter = createOpenaiHttpAdapter({ ...where, ...options });
  return {
    adapter,
    server,
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function probe(models: ReplayAnswer, options?: Partial<OpenaiHttpOptions>): Promise<WorkerHealth> {
  await using setting = await start({ '/v1/models': models }, options);
  return await setting.adapter.probe(never);
}

const chatOf = (parts: Partial<WorkerRequest> = {}): WorkerRequest =>
  requestOf('', { input: { workload: 'chat', messages: [{ role: 'user', content: 'rain?' }], tools: [] }, ...parts });

verifies(['ORCH-4550', 'ORCH-4559', 'ORCH-1513'], 'props are what the operator says', async () => {
  expect(await probe(listOf('m'))).toEqual({
    state: 'ready',
    props: {
      engine: 'openai-http',
      engineVersion: 'unknown',
      modelId: 'm',
      modelDigest: undefined,
      slots: 4,
      ctxMaxTokens: 4096,
      workloads: ['completion', 'chat'],
      slotMode: 'external',
      features: { determinism: 'best_effort', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
    },
  });
  const told = {
    engineVersion: '0.9',
    slots: 2,
    modelDigest: `sha256:${'1'.repeat(64)}`,
    workloads: ['chat', 'rerank'],
  } as const;
  const options = { ...told, tools: true, jsonSchema: true };
  expect(await probe(listOf('m'), options)).toMatchObject({
    props: { ...told, features: { jsonSchema: true, tools: true } },
  });
});

verifies('ORCH-4551', 'a list with the model, an empty one, or none on a server that is up is ready', async () => {
  for (const answer of [
    listOf('x', 'm'),
    listOf('m:latest'),
    listOf(),
    jsonAnswer(404, { error: 'not here' }),
    rawAnswer(405, '', ''),
    jsonAnswer(429, { error: { code: 'rate_limit_exceeded' } }),
  ]) {
    expect((await probe(answer)).state).toBe('ready');
  }
});

verifies('ORCH-4551', 'a server that loads is loading, all else has failed', async () => {
  expect(await probe(rawAnswer(503, '', ''))).toEqual({ state: 'loading' });
  for (const [answer, code] of [
    [listOf('other'), 'POOL_UNREADY'],
    [jsonAnswer(401, { error: { code: 'invalid_api_key' } }), 'INTERNAL'],
    [rawAnswer(403, '', ''), 'INTERNAL'],
    [rawAnswer(500, '', ''), 'WORKER_RESET'],
    [rawAnswer(200, 'text/html', '<html>'), 'WORKER_RESET'],
  ] as const) {
    expect(await probe(answer)).toMatchObject({ state: 'failed', error: { code } });
  }
});

verifies('ORCH-4564', 'a chat and a completion go to their endpoints, with the key and the whole request', async () => {
  await using setting = await start({}, { apiKey: 'canary-key' });
  expect(await collectRun(setting.adapter, chatOf())).toMatchObject({
    text: 'Hé du',
    end: { tokensIn: 9, tokensOut: 2 },
  });
  expect((await collectRun(setting.adapter, requestOf('a'))).text).toBe('Hé du');
  expect(setting.server.seen.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/v1/completions']);
  for (const { head } of setting.server.seen) {
    expect(head).toMatch(/^authorization: Bearer canary-key\r$/im);
    expect(head).toMatch(/^user-agent: llama-orch\r$/im);
  }
});

verifies('ORCH-4556', 'a refused setting costs the server nothing', async () => {
  await using setting = await start();
  const { sampling } = requestOf('a');
  const fault = await faultOf(collectRun(setting.adapter, chatOf({ sampling: { ...sampling, minP: 0.05 } })));
  expect([fault.code, fault.details]).toEqual(['INVALID_PARAMS', { field: '$.min_p' }]);
  expect(setting.server.seen).toEqual([]);
});

verifies(['ORCH-4558', 'ORCH-4559'], 'what is not configured is refused without asking', async () => {
  await using setting = await start();
  const tools = [{ name: 'f', parameters: {} }];
  const chat = { workload: 'chat', messages: [{ role: 'user', content: 'a' }], tools } as const;
  for (const [parts, field] of [
    [{ input: chat }, '$.tools'],
    [{ responseFormat: { type: 'json_schema', schema: {} } }, '$.response_format'],
    [{ responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } }, '$.response_format'],
    [{ determinism: 'strict' }, '$.determinism'],
    [{ input: { workload: 'embedding', inputs: ['a'] } }, '$.workload'],
  ] as const) {
    expect((await faultOf(collectRun(setting.adapter, chatOf(parts)))).details).toEqual({ field });
  }
  expect(setting.server.seen).toEqual([]);
});

verifies('ORCH-4557', 'vectors are read as numbers and as base64, in the order of the inputs', async () => {
  const base64 = Buffer.from(new Float32Array([0.5, -2]).buffer).toString('base64');
  const usage = { prompt_tokens: 4, total_tokens: 4 };
  const data = [
    { object: 'embedding', index: 1, embedding: base64 },
    { object: 'embedding', index: 0, embedding: [1, 0] },
  ];
  const ask = async (answer: unknown, input: WorkerInput) => {
    const paths = { '/v1/embeddings': jsonAnswer(200, answer), '/v1/rerank': jsonAnswer(200, answer) };
    await using setting = await start(paths, { workloads: ['embedding', 'rerank'] });
    return (await collectRun(setting.adapter, requestOf('', { input }))).end;
  };
  const embedding = { workload: 'embedding', inputs: ['rain', 'snow'] } as const;
  expect(await ask({ object: 'list', data, model: 'm', usage }, embedding)).toMatchObject({
    embeddings: [
      [1, 0],
      [0.5, -2],
    ],
    tokensIn: 4,
  });
  for (const broken of [
    { data: data.slice(1) },
    { data: [...data.slice(1), { index: 1, embedding: 'AAA=' }] },
    '<html>',
  ]) {
    expect((await faultOf(ask(broken, embedding))).code).toBe('WORKER_RESET');
  }
  const results = [
    { index: 1, relevance_score: 0.9 },
    { index: 0, relevance_score: 0.1 },
  ];
  const rerank = { workload: 'rerank', query: 'rain', documents: ['soup', 'rain'] } as const;
  const jina = { model: 'm', usage: { total_tokens: 11 }, results };
  expect(await ask(jina, rerank)).toMatchObject({ scores: [0.1, 0.9], tokensIn: 11 });
  expect(await ask({ results }, rerank)).toMatchObject({ tokensIn: 3, countsEstimated: true });
});

verifies('ORCH-4562', 'the pause a rate limit asks for is passed on, in each of its forms', async () => {
  const body = '{"error":{"message":"secret prompt","type":"requests","code":"rate_limit_exceeded"}}';
  for (const [head, retryAfterMs] of [
    ['retry-after-ms: 1500', 1_500],
    ['retry-after: 2', 2_000],
    ['retry-after: soon', undefined],
    ['x-ratelimit-remaining-requests: 0', undefined],
  ] as const) {
    const answer = `HTTP/1.1 429 X\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n${head}\r\n\r\n${body}`;
    await using setting = await start({ '/v1/chat/completions': Buffer.from(answer) });
    const fault = await faultOf(collectRun(setting.adapter, chatOf()));
    expect([head, fault.code, fault.retryAfterMs]).toEqual([head, 'REPLICA_EXHAUSTED', retryAfterMs]);
  }
});

verifies(['ORCH-4560', 'ORCH-1513'], 'a cut stream is a reset, however politely the connection ends', async () => {
  const head = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
  for (const answer of [
    streamAnswer(writtenAnswer('cut.sse')),
    streamAnswer(writtenAnswer('cut.sse'), { isCut: true }),
    Buffer.concat([head, writtenAnswer('cut.sse')]),
  ]) {
    await using setting = await start({ '/v1/chat/completions': answer });
    expect((await faultOf(collectRun(setting.adapter, chatOf()))).code).toBe('WORKER_RESET');
  }
  await using whole = await start({ '/v1/chat/completions': Buffer.concat([head, writtenAnswer('no-done.sse')]) });
  expect((await collectRun(whole.adapter, chatOf())).end.finishReason).toBe('length');
});

verifies('ORCH-4565', 'a cancel settles when the connection is closed', async () => {
  await using _leaks = watchLeaks();
  const closed = Promise.withResolvers<void>();
  await using setting = await start({
    '/v1/chat/completions': (socket) => {
      socket.on('close', () => closed.resolve());
      socket.write(streamAnswer(writtenAnswer('cut.sse'), { isCut: true }));
    },
  });
  const abort = new AbortController();
  const end = await setting.adapter.run(chatOf(), { onTokens: () => abort.abort() }, abort.signal);
  await closed.promise;
  expect(end).toMatchObject({ finishReason: 'canceled', tokensOut: 2, countsEstimated: true });
});
