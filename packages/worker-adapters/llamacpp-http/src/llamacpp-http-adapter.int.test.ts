// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OrchError, type WorkerAdapter, type WorkerEnd, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { answerBody, jsonAnswer, rawAnswer, streamOf } from './__fixtures__/recorded-answer.ts';
import { startReplay, type Answer } from './__fixtures__/replay-server.ts';
import { requestOf } from './__fixtures__/request-of.ts';

const never = new AbortController().signal;
const HAIKU = 'rain on the cricket\nthe peach and the cricket turn\nthe sunbeam in rain';
const SCHEMA = { type: 'object', properties: { word: { type: 'string' } } } as const;
const chat = { workload: 'chat', messages: [{ role: 'user', content: 'rain?' }], tools: [] } as const;

async function collect(adapter: WorkerAdapter, request: WorkerRequest): Promise<{ text: string; end: WorkerEnd }> {
  const pieces: string[] = [];
  const end = await adapter.run(request, { onTokens: (texts) => pieces.push(...texts) }, never);
  return { text: pieces.join(''), end };
}

async function faultOf(promise: Promise<unknown>): Promise<OrchError> {
  const error: unknown = await promise.then(
    () => new Error('resolved'),
    (reason: unknown) => reason,
  );
  if (!OrchError.is(error)) throw error;
  return error;
}

/** Props as recorded, with changes. */
const propsWith = (changes: object): Answer =>
  jsonAnswer(200, { ...(JSON.parse(answerBody('recorded/props').toString()) as object), ...changes });

verifies('ORCH-4300', 'props are those of the recorded server', async () => {
  await using _leaks = watchLeaks();
  await using replay = await startReplay({}, { slots: undefined });
  expect(await replay.adapter.probe(never)).toEqual({
    state: 'ready',
    props: {
      engine: 'llamacpp',
      engineVersion: 'b1-5b4ebc5',
      modelId: 'haiku-tiny',
      modelDigest: undefined,
      slots: 2,
      ctxMaxTokens: 512,
      workloads: ['completion', 'chat'],
      slotMode: 'external',
      features: { determinism: 'best_effort', jsonSchema: true, grammar: true, tools: false, sessionReuse: true },
    },
  });
});

verifies('ORCH-4300', 'a model without a chat template serves no chat', async () => {
  await using replay = await startReplay({ '/props': propsWith({ chat_template: '' }) });
  expect(await replay.adapter.probe(never)).toMatchObject({ props: { workloads: ['completion'] } });
  expect((await faultOf(collect(replay.adapter, requestOf('', { input: chat })))).details).toEqual({
    field: '$.workload',
  });
});

verifies('ORCH-4301', 'a server that loads is loading; one whose slots are busy is ready', async () => {
  await using loading = await startReplay({ '/health': rawAnswer('written/health-loading') });
  expect(await loading.adapter.probe(never)).toEqual({ state: 'loading' });
  await using busy = await startReplay({ '/health': rawAnswer('written/2024-health-no-slot') });
  expect(await busy.adapter.probe(never)).toMatchObject({ state: 'ready' });
});

verifies('ORCH-4302', 'another model than the expected one is refused by name', async () => {
  for (const modelId of ['haiku-tiny', 'haiku-tiny.gguf']) {
    await using same = await startReplay({}, { modelId });
    expect(await same.adapter.probe(never)).toMatchObject({ state: 'ready', props: { modelId } });
  }
  await using other = await startReplay({}, { modelId: 'llama-3' });
  const health = await other.adapter.probe(never);
  expect(health).toMatchObject({
    state: 'failed',
    error: { code: 'POOL_UNREADY', details: { expected: 'llama-3', actual: 'haiku-tiny' } },
  });
});

verifies('ORCH-4303', 'a server that is not llama-server, or keeps its props, has failed', async () => {
  const code = async (props: Answer): Promise<string> => {
    await using replay = await startReplay({ '/props': props });
    const health = await replay.adapter.probe(never);
    return health.state === 'failed' ? health.error.code : health.state;
  };
  expect(await code(jsonAnswer(200, { hello: 'world' }))).toBe('WORKER_RESET');
  expect(await code(Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>'))).toBe('WORKER_RESET');
  expect(await code(propsWith({ total_slots: 0 }))).toBe('WORKER_RESET');
  expect(await code(jsonAnswer(401, { error: { code: 401, type: 'authentication_error' } }))).toBe('INTERNAL');
});

verifies('ORCH-4304', 'the digest is of the file the engine loaded, or configured, or unknown', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'digest-'));
  const path = join(folder, 'model.gguf');
  await writeFile(path, 'weights');
  const expected = `sha256:${createHash('sha256').update('weights').digest('hex')}`;
  await using local = await startReplay({ '/props': propsWith({ model_path: path }) });
  expect(await local.adapter.probe(never)).toMatchObject({ props: { modelDigest: expected } });
  await writeFile(path, 'other weights');
  expect(await local.adapter.probe(never)).not.toMatchObject({ props: { modelDigest: expected } });
  await rm(folder, { recursive: true });
  expect(await local.adapter.probe(never)).toMatchObject({ props: { modelDigest: undefined } });
  const modelDigest = `sha256:${'0'.repeat(64)}`;
  await using configured = await startReplay({}, { modelDigest });
  expect(await configured.adapter.probe(never)).toMatchObject({ props: { modelDigest } });
});

verifies('ORCH-4305', 'slots are at most those of the server', async () => {
  for (const [slots, expected] of [
    [1, 1],
    [8, 2],
  ] as const) {
    await using replay = await startReplay({}, { slots });
    expect(await replay.adapter.probe(never)).toMatchObject({ props: { slots: expected } });
  }
});

verifies(['ORCH-4310', 'ORCH-4316'], 'a recorded answer becomes its text, counts and times', async () => {
  await using _leaks = watchLeaks();
  await using replay = await startReplay();
  const { text, end } = await collect(replay.adapter, requestOf('write'));
  expect(text).toBe(HAIKU);
  expect(end).toMatchObject({ finishReason: 'stop', tokensIn: 14, tokensOut: 17, prefixReuse: false });
});

verifies('ORCH-4320', 'a generation sends every sampler setting', async () => {
  await using replay = await startReplay();
  const sampling = {
    seed: 4_294_967_294,
    temperature: 0.7,
    topP: 0.9,
    topK: 11,
    minP: 0.01,
    repeatPenalty: 1.1,
    presencePenalty: 0.2,
    frequencyPenalty: 0.3,
    stop: ['END'],
  };
  await collect(replay.adapter, requestOf('write', { sampling, maxTokens: 33 }));
  expect(replay.completions()).toEqual([
    {
      prompt: 'write',
      stream: true,
      n_predict: 33,
      seed: 4_294_967_294,
      temperature: 0.7,
      top_p: 0.9,
      top_k: 11,
      min_p: 0.01,
      repeat_penalty: 1.1,
      presence_penalty: 0.2,
      frequency_penalty: 0.3,
      stop: ['END'],
      samplers: ['penalties', 'top_k', 'top_p', 'min_p', 'temperature'],
      repeat_last_n: 64,
      typical_p: 1,
      top_n_sigma: -1,
      xtc_probability: 0,
      xtc_threshold: 0.1,
      dry_multiplier: 0,
      mirostat: 0,
      dynatemp_range: 0,
      dynatemp_exponent: 1,
      adaptive_target: -1,
      min_keep: 0,
      n_keep: 0,
      n_probs: 0,
      ignore_eos: false,
      logit_bias: [],
      t_max_predict_ms: -1,
      cache_prompt: false,
      id_slot: 0,
      return_progress: true,
      response_fields: expect.arrayContaining(['stop', 'stop_type', 'tokens_predicted', 'timings']),
    },
  ]);
});

verifies('ORCH-4321', 'only a best-effort session that asks for it reuses a prefix', async () => {
  await using replay = await startReplay();
  const session = { sessionId: 's', kvHint: 'reuse' } as const;
  await collect(replay.adapter, requestOf('a', { ...session, determinism: 'best_effort' }));
  await collect(replay.adapter, requestOf('a', { ...session, determinism: 'strict' }));
  await collect(replay.adapter, requestOf('a', { ...session, determinism: 'best_effort', kvHint: 'cold' }));
  await collect(replay.adapter, requestOf('a', { determinism: 'best_effort', kvHint: 'reuse' }));
  expect(replay.completions().map((body) => body['cache_prompt'])).toEqual([true, false, false, false]);
});

verifies('ORCH-4322', 'strict is refused where slots share a batch', async () => {
  await using replay = await startReplay({}, { slots: 2 });
  const fault = await faultOf(collect(replay.adapter, requestOf('a')));
  expect([fault.code, fault.details]).toEqual(['INVALID_PARAMS', { field: '$.determinism' }]);
  await using single = await startReplay();
  expect(await single.adapter.probe(never)).toMatchObject({ props: { features: { determinism: 'strict' } } });
});

verifies(
  'ORCH-4323',
  'a session comes back to its slot, others take one that no session is in, or the longest idle one',
  async () => {
    await using replay = await startReplay({}, { slots: 2 });
    const turn = (sessionId?: string): Promise<unknown> =>
      collect(replay.adapter, requestOf('a', { sessionId, determinism: 'best_effort', kvHint: 'reuse' }));
    for (const session of ['s', 't', 's', 's', undefined, undefined, 't']) await turn(session);
    expect(replay.completions().map((body) => body['id_slot'])).toEqual([0, 1, 0, 0, 1, 1, 1]);
  },
);

verifies(
  'ORCH-4323',
  'it tells whose context lies in a slot, whose had to go, and erases what is forgotten',
  async () => {
    await using replay = await startReplay({}, { slots: 2 });
    const turn = async (sessionId?: string): Promise<WorkerEnd> =>
      (await collect(replay.adapter, requestOf('a', { sessionId, determinism: 'best_effort', kvHint: 'reuse' }))).end;
    expect(await turn('s')).toMatchObject({ contextKept: true });
    expect(await turn('t')).not.toHaveProperty('displacedSessionId');
    expect((await replay.adapter.metrics(never)).contexts).toEqual([{ sessionId: 's' }, { sessionId: 't' }]);
    expect(await turn('u')).toMatchObject({ contextKept: true, displacedSessionId: 's' });
    replay.adapter.forgetSession?.('t');
    expect((await replay.adapter.metrics(never)).contexts).toEqual([{ sessionId: 'u' }]);
    expect(await turn()).not.toHaveProperty('contextKept');
    replay.adapter.forgetSession?.('nobody');
  },
);

verifies('ORCH-4324', 'a chat is rendered by the engine and completed as a prompt', async () => {
  await using replay = await startReplay({ '/apply-template': rawAnswer('recorded/template') });
  const { text } = await collect(replay.adapter, requestOf('', { input: chat }));
  expect(text).toBe(HAIKU);
  expect(replay.seen.find(({ path }) => path === '/apply-template')?.body).toEqual({
    messages: [{ role: 'user', content: 'rain?' }],
  });
  expect(replay.completions()).toMatchObject([
    { prompt: '<|im_start|>user\nwrite a haiku about rain<|im_end|>\n<|im_start|>assistant\n' },
  ]);
});

verifies(['ORCH-4325', 'ORCH-1514'], 'vectors and scores come in the order of the inputs', async () => {
  const offers = ['/v1/embeddings'];
  await using replay = await startReplay({ '/v1/embeddings': rawAnswer('recorded/embeddings') }, { offers });
  const inputs = ['rain', 'snow'];
  const { end } = await collect(replay.adapter, requestOf('', { input: { workload: 'embedding', inputs } }));
  expect(end.embeddings?.map((vector) => vector.length)).toEqual([128, 128]);
  expect(end.tokensIn).toBeGreaterThan(0);
  const missing = { workload: 'embedding', inputs: ['rain', 'snow', 'hail'] } as const;
  expect((await faultOf(collect(replay.adapter, requestOf('', { input: missing })))).code).toBe('WORKER_RESET');

  await using ranker = await startReplay({ '/v1/rerank': rawAnswer('recorded/rerank') }, { offers: ['/v1/rerank'] });
  const rerank = { workload: 'rerank', query: 'rain', documents: ['soup', 'rain on the hill'] } as const;
  const { end: ranked } = await collect(ranker.adapter, requestOf('', { input: rerank }));
  expect([ranked.scores, ranked.tokensIn]).toEqual([[0.3802613317966461, 0.7235674858093262], 34]);
});

verifies('ORCH-4325', 'an engine started without vectors refuses them', async () => {
  await using replay = await startReplay();
  const input = { workload: 'embedding', inputs: ['a'] } as const;
  expect((await faultOf(collect(replay.adapter, requestOf('', { input })))).details).toEqual({ field: '$.workload' });
});

verifies('ORCH-4326', 'schemas and grammars reach the engine; what it cannot compile is refused', async () => {
  await using replay = await startReplay();
  await collect(replay.adapter, requestOf('a', { responseFormat: { type: 'json_schema', schema: SCHEMA } }));
  await collect(replay.adapter, requestOf('a', { responseFormat: { type: 'grammar', grammar: 'root ::= "a"' } }));
  expect(replay.completions()).toMatchObject([{ json_schema: SCHEMA }, { grammar: 'root ::= "a"' }]);
  await using refusing = await startReplay({ '/completion': rawAnswer('recorded/bad-grammar') });
  const responseFormat = { type: 'grammar', grammar: 'root ::= (((' } as const;
  expect((await faultOf(collect(refusing.adapter, requestOf('a', { responseFormat })))).code).toBe('INVALID_PARAMS');
});

verifies('ORCH-4327', 'half a surrogate pair is refused without asking the engine', async () => {
  await using replay = await startReplay();
  const messages = [
    { role: 'user', content: 'fine' },
    { role: 'user', content: '\ud83c' },
  ] as const;
  const fault = await faultOf(collect(replay.adapter, requestOf('', { input: { ...chat, messages } })));
  expect([fault.code, fault.details]).toEqual(['INVALID_PARAMS', { field: '$.messages[1].content' }]);
  expect((await faultOf(collect(replay.adapter, requestOf('\udc00')))).details).toEqual({ field: '$.prompt' });
  expect(replay.completions()).toHaveLength(0);
});

verifies(['ORCH-4328', 'ORCH-4342'], 'requests carry the key and nothing that outlives the connection', async () => {
  await using replay = await startReplay(
    {
      '/completion': jsonAnswer(401, {
        error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' },
      }),
    },
    { apiKey: 'canary-key' },
  );
  const fault = await faultOf(collect(replay.adapter, requestOf('a')));
  expect(fault.code).toBe('INTERNAL');
  expect(`${fault.message}${JSON.stringify(fault.details)}`).not.toContain('canary-key');
  expect(replay.seen.length).toBeGreaterThan(1);
  for (const { head } of replay.seen) {
    expect(head).toMatch(/^authorization: Bearer canary-key\r$/im);
    expect(head).not.toMatch(/conversation/i);
  }
});

verifies('ORCH-4329', 'the last event of a recorded answer does not repeat the prompt', async () => {
  expect(answerBody('recorded/all-fields').toString()).toContain('"prompt":"<s><|im_start|>');
  expect(answerBody('recorded/end-of-text').toString()).not.toContain('"prompt":"');
  await using replay = await startReplay();
  await collect(replay.adapter, requestOf('a'));
  expect(replay.completions()[0]?.['response_fields']).not.toContain('prompt');
});

verifies(['ORCH-4313', 'ORCH-4317'], 'answers that are no stream, or a cut one, end the run once', async () => {
  const half = answerBody('recorded/limit').subarray(0, 600);
  const answers = {
    html: Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>'),
    'a whole answer': jsonAnswer(200, { content: 'a', stop: true }),
    'a clean end too early': streamOf(half),
    'no byte': streamOf(''),
    gzip: Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n??'),
    'an endless line': streamOf(`data: ${'x'.repeat(1_100_000)}`),
    'a JSON error inside a 200': jsonAnswer(200, { error: { code: 500, type: 'server_error' } }),
  };
  // Side by side: each waits until its engine must have let go.
  const endsOnce = async ([name, answer]: [string, (typeof answers)[keyof typeof answers]]): Promise<void> => {
    await using replay = await startReplay({ '/completion': answer });
    const fault = await faultOf(collect(replay.adapter, requestOf('a')));
    expect(`${name}: ${fault.code}`).toBe(`${name}: WORKER_RESET`);
    expect(fault.message).not.toContain('html');
  };
  await Promise.all(Object.entries(answers).map(endsOnce));
});

verifies(
  ['ORCH-4330', 'ORCH-4331'],
  'a cache that runs out in the middle keeps the pieces and frees the slot',
  async () => {
    await using replay = await startReplay({ '/completion': rawAnswer('recorded/cache-exhausted') });
    let count = 0;
    const fault = await faultOf(
      replay.adapter.run(requestOf('a'), { onTokens: (texts) => (count += texts.length) }, never),
    );
    expect(fault.code).toBe('WORKER_RESET');
    expect(count).toBeGreaterThan(100);
    expect(replay.seen.at(-1)?.path).toBe('/slots');
  },
);

verifies('ORCH-4331', 'the type of an error decides, then the status', async () => {
  const codes: string[] = [];
  for (const [status, type] of [
    [400, 'invalid_request_error'],
    [500, 'invalid_request_error'],
    [501, 'not_supported_error'],
    [503, 'unavailable_error'],
    [401, 'authentication_error'],
    [404, 'not_found_error'],
    [500, 'server_error'],
    [429, 'brand_new_error'],
  ] as const) {
    await using replay = await startReplay({
      '/completion': jsonAnswer(status, { error: { code: status, message: 'secret prompt', type } }),
    });
    const fault = await faultOf(collect(replay.adapter, requestOf('a')));
    codes.push(`${status} ${type}: ${fault.code}`);
    expect(JSON.stringify({ ...fault.details, message: fault.message })).not.toContain('secret');
  }
  expect(codes).toEqual([
    '400 invalid_request_error: INVALID_PARAMS',
    '500 invalid_request_error: INVALID_PARAMS',
    '501 not_supported_error: INVALID_PARAMS',
    '503 unavailable_error: POOL_UNREADY',
    '401 authentication_error: INTERNAL',
    '404 not_found_error: INTERNAL',
    '500 server_error: WORKER_RESET',
    '429 brand_new_error: REPLICA_EXHAUSTED',
  ]);
});

verifies('ORCH-4332', 'a prompt that is too long says by how much', async () => {
  await using replay = await startReplay({ '/completion': rawAnswer('recorded/too-long') });
  const fault = await faultOf(collect(replay.adapter, requestOf('a')));
  expect(fault.code).toBe('INVALID_PARAMS');
  expect(fault.details).toMatchObject({ field: '$.prompt', prompt_tokens: 702, limit: 512 });
});
