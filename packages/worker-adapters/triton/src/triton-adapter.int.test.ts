// SPDX-License-Identifier: MIT
import {
  collectRun,
  eventsOf,
  faultOf,
  jsonAnswer,
  PLAIN_SAMPLING,
  rawAnswer,
  requestOf,
  startReplayServer,
  streamAnswer,
  type ReplayAnswer,
  type ReplayServer,
} from '@llama-orch/adapter-kit/testkit';
import type { WorkerAdapter, WorkerHealth, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { startTritonFake } from './__fixtures__/triton-fake.ts';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { createTritonAdapter, type TritonOptions } from './triton-adapter.ts';

const never = new AbortController().signal;
const MODELS = { ensemble: 'ensemble', llmapi: 'tensorrt_llm', vllm: 'vllm_model' } as const;
type Dialect = keyof typeof MODELS;

interface Replay extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly server: ReplayServer;
  /** Answer to the body of one generation. */
  readonly generateBody: () => Readonly<Record<string, unknown>> | undefined;
}

interface ReplayOptions extends Partial<TritonOptions> {
  readonly dialect?: Dialect;
  /** Overrides, by path below the model, or whole. */
  readonly answers?: Readonly<Record<string, ReplayAnswer>>;
}

/** An adapter to a server that answers with given bytes; it tells metrics on the same port. */
async function startReplay({ dialect = 'ensemble', answers = {}, ...options }: ReplayOptions = {}): Promise<Replay> {
  const base = `/v2/models/${MODELS[dialect]}`;
  const own = Object.entries(answers).map(([path, answer]) => [
    path.startsWith('/v2') ? path : `${base}${path}`,
    answer,
  ]);
  const server = await startReplayServer({
    '/v2': writtenAnswer('server'),
    [`${base}/ready`]: writtenAnswer('ready'),
    [base]: writtenAnswer(`${dialect}-metadata`),
    [`${base}/config`]: writtenAnswer(`${dialect}-config`),
    ...(Object.fromEntries(own) as Readonly<Record<string, ReplayAnswer>>),
  });
  const { baseUrl } = server;
  const adapter = createTritonAdapter({ baseUrl, model: MODELS[dialect], ctxMaxTokens: 2048, noticeMs: 5, ...options });
  return {
    adapter,
    server,
    generateBody: () => server.bodiesOf(`${base}/generate_stream`)[0],
    async [Symbol.asyncDispose]() {
      await adapter.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What a written stream becomes. */
async function answered(dialect: Dialect, name: string, parts: Partial<WorkerRequest> = {}) {
  await using replay = await startReplay({ dialect, answers: { '/generate_stream': writtenAnswer(name) } });
  return await collectRun(replay.adapter, requestOf('Hi there, tell me', parts));
}

async function answeredFault(dialect: Dialect, answer: ReplayAnswer) {
  await using replay = await startReplay({ dialect, answers: { '/generate_stream': answer } });
  return await faultOf(collectRun(replay.adapter, requestOf('Hi')));
}

async function probed(options: ReplayOptions): Promise<WorkerHealth> {
  await using replay = await startReplay(options);
  return await replay.adapter.probe(never);
}

verifies(['ORCH-4650', 'ORCH-4651'], 'props are those of the server, the model and the operator', async () => {
  await using _leaks = watchLeaks();
  const modelDigest = `sha256:${'0'.repeat(64)}`;
  expect(await probed({ modelDigest })).toEqual({
    state: 'ready',
    props: {
      engine: 'triton',
      engineVersion: '2.73.0+ensemble.model-1',
      modelId: 'ensemble',
      modelDigest,
      slots: 8,
      ctxMaxTokens: 2048,
      workloads: ['completion'],
      slotMode: 'external',
      features: { determinism: 'best_effort', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
    },
  });
  expect(await probed({ dialect: 'llmapi', slots: 4 })).toMatchObject({
    props: { engineVersion: '2.73.0+llmapi.model-2', slots: 4 },
  });
  expect(await probed({ dialect: 'vllm' })).toMatchObject({
    props: { engineVersion: '2.73.0+vllm.model-1', slots: 16 },
  });
  expect(await probed({ slots: 64 })).toMatchObject({ props: { slots: 8 } });
});

verifies('ORCH-4650', 'a model of no known dialect, and another server, have failed', async () => {
  expect(await probed({ answers: { '': writtenAnswer('other-metadata') } })).toMatchObject({
    state: 'failed',
    error: { code: 'POOL_UNREADY', details: { reason: 'unknown_dialect', inputs: ['data_0'] } },
  });
  expect(await probed({ answers: { '/v2': jsonAnswer(200, { hello: 'world' }) } })).toMatchObject({
    state: 'failed',
    error: { code: 'WORKER_RESET' },
  });
});

verifies('ORCH-4651', 'a version is asked for where one is configured', async () => {
  await using replay = await startReplay({ modelVersion: '2' });
  expect(await replay.adapter.probe(never)).toMatchObject({ state: 'failed' });
  expect(replay.server.seen.map(({ path }) => path)).toContain('/v2/models/ensemble/versions/2/ready');
});

verifies('ORCH-4652', 'loading is told from missing by the index', async () => {
  const index = '/v2/repository/index';
  for (const name of ['no-versions', 'not-at-ready']) {
    const ready = writtenAnswer(name);
    expect(await probed({ answers: { '/ready': ready, [index]: writtenAnswer('index-loading') } })).toEqual({
      state: 'loading',
    });
    // A server whose index is restricted.
    expect(await probed({ answers: { '/ready': ready, [index]: rawAnswer(403, '', '') } })).toEqual({
      state: 'loading',
    });
    expect(await probed({ answers: { '/ready': ready, [index]: writtenAnswer('index-unavailable') } })).toMatchObject({
      state: 'failed',
      error: { code: 'POOL_UNREADY', details: { state: 'UNAVAILABLE' } },
    });
  }
});

verifies('ORCH-4652', 'an unknown name, an unhealthy backend and a server that is not there have failed', async () => {
  for (const [name, code] of [
    ['not-found', 'INTERNAL'],
    ['not-healthy', 'POOL_UNREADY'],
  ] as const) {
    expect(await probed({ answers: { '/ready': writtenAnswer(name) } })).toMatchObject({
      state: 'failed',
      error: { code },
    });
  }
  const fake = await startTritonFake('ensemble');
  await fake.stop();
  const adapter = createTritonAdapter({ baseUrl: fake.baseUrl, model: 'ensemble', ctxMaxTokens: 1 });
  expect(await adapter.probe(never)).toMatchObject({ state: 'failed', error: { details: { errno: 'ECONNREFUSED' } } });
  await adapter.close();
});

verifies(
  ['ORCH-4653', 'ORCH-1516'],
  'readings come from the metrics port, and are absent where there is none',
  async () => {
    await using metrics = await startReplayServer({ '/metrics': writtenAnswer('metrics') });
    await using told = await startReplay({ metricsUrl: metrics.baseUrl, headers: { 'x-key': 'canary' } });
    expect(await told.adapter.metrics(never)).toEqual({ slotsBusy: 3, kvCacheUsageRatio: 0.25 });
    expect(metrics.seen[0]?.head).not.toContain('canary');
    await using silent = await startReplay({ dialect: 'vllm' });
    expect(await silent.adapter.metrics(never)).toEqual({});
    expect(silent.server.seen.map(({ path }) => path)).not.toContain('/metrics');
  },
);

verifies(['ORCH-4671', 'ORCH-4674', 'ORCH-1512'], 'deltas of the ensemble are passed on as they are', async () => {
  const { pieces, tokenCount, end } = await answered('ensemble', 'ensemble', { maxTokens: 2 });
  expect([pieces, tokenCount]).toEqual([[' there', '!'], 2]);
  expect(end).toMatchObject({ finishReason: 'length', tokensIn: 5, tokensOut: 2, countsEstimated: true });
  expect((await answered('ensemble', 'ensemble-repeats')).pieces).toEqual(['ha', 'ha', 'haha']);
  expect((await answered('ensemble', 'ensemble-split-character')).text).toBe('\ufffd\ufffd rain');
});

verifies(['ORCH-4670', 'ORCH-1512'], 'cumulative text of the LLM-API model becomes deltas', async () => {
  const whole = await answered('llmapi', 'llmapi');
  expect(whole.pieces).toEqual(['rain', ' on', ' tin']);
  expect(whole.end).toMatchObject({ finishReason: 'stop', tokensOut: 3, countsEstimated: true });
  expect((await answered('llmapi', 'llmapi-deltas')).text).toBe('rain on on');
  const changed = await answeredFault('llmapi', writtenAnswer('llmapi-changes'));
  expect(changed.details).toMatchObject({ breach: 'unexpected_event' });
});

verifies('ORCH-4670', 'a BLS model that accumulates is cumulative by its configuration', async () => {
  await using replay = await startReplay({
    answers: { '/config': writtenAnswer('bls-config'), '/generate_stream': writtenAnswer('bls-accumulated') },
  });
  expect((await collectRun(replay.adapter, requestOf('a'))).pieces).toEqual(['rain', ' on', ' ', '雨']);
});

verifies(['ORCH-4673', 'ORCH-1512'], 'how it ended is told by the model or inferred from the tokens', async () => {
  expect((await answered('llmapi', 'llmapi-length')).end.finishReason).toBe('length');
  expect((await answered('vllm', 'vllm-length')).end.finishReason).toBe('length');
  expect((await answered('ensemble', 'ensemble', { maxTokens: 2 })).end.finishReason).toBe('length');
  expect((await answered('ensemble', 'ensemble', { maxTokens: 3 })).end.finishReason).toBe('stop');
  expect((await answeredFault('llmapi', writtenAnswer('llmapi-timeout'))).code).toBe('DECODE_TIMEOUT');
  expect((await answeredFault('llmapi', writtenAnswer('llmapi-canceled'))).code).toBe('WORKER_RESET');
});

verifies('ORCH-4673', 'stop texts that a model leaves in, or takes back, are cut', async () => {
  const sampling = { ...PLAIN_SAMPLING, stop: ['END'] };
  const left = await answered('ensemble', 'ensemble-stop-word', { sampling, maxTokens: 3 });
  expect([left.text, left.end.finishReason]).toEqual(['rain ', 'stop']);
  expect((await answered('llmapi', 'llmapi-takes-back', { sampling })).text).toBe('rain ');
});

verifies('ORCH-4674', 'counts of the vLLM backend are added up', async () => {
  const { pieces, tokenCount, end } = await answered('vllm', 'vllm');
  expect([pieces, tokenCount]).toEqual([['rain', ' on tin'], 4]);
  expect(end).toMatchObject({ finishReason: 'stop', tokensIn: 3, tokensOut: 4 });
  expect(end).not.toHaveProperty('countsEstimated');
});

verifies(
  ['ORCH-4672', 'ORCH-1512'],
  'the normal end of the body is the end; a cut, empty or reasonless one is a reset',
  async () => {
    expect((await answered('ensemble', 'ensemble')).end.finishReason).toBe('stop');
    const cut = streamAnswer(eventsOf([{ model_name: 'ensemble', model_version: '1', text_output: 'a' }]), {
      isCut: true,
    });
    for (const [dialect, answer] of [
      ['ensemble', cut],
      ['ensemble', streamAnswer('')],
      ['ensemble', jsonAnswer(200, { text_output: 'a' })],
      ['ensemble', streamAnswer('data: nonsense\n\n')],
      ['ensemble', streamAnswer(eventsOf([{ text_output: 5 }]))],
      ['llmapi', writtenAnswer('llmapi-no-reason')],
    ] as const) {
      expect((await answeredFault(dialect, answer)).code).toBe('WORKER_RESET');
    }
  },
);

verifies(
  ['ORCH-4675', 'ORCH-1506', 'ORCH-1512'],
  'errors before the first output and inside a 200 are found',
  async () => {
    const full = await answeredFault('ensemble', writtenAnswer('error-first'));
    expect([full.code, full.details['status']]).toEqual(['REPLICA_EXHAUSTED', 503]);
    await using replay = await startReplay({ answers: { '/generate_stream': writtenAnswer('error-inside') } });
    const pieces: string[] = [];
    const fault = await faultOf(
      replay.adapter.run(requestOf('a'), { onTokens: (texts) => pieces.push(...texts) }, never),
    );
    expect([fault.code, pieces]).toEqual(['WORKER_RESET', ['rain']]);
    expect(fault.details).toMatchObject({ reason: 'engine_status' });
    const late = eventsOf([{ text_output: 'a' }, { error: '[request id: r1] Request timeout expired' }]);
    expect((await answeredFault('ensemble', streamAnswer(late))).code).toBe('DECODE_TIMEOUT');
    expect(JSON.stringify([fault.message, fault.details])).not.toContain('secret');
  },
);

verifies(
  ['ORCH-4662', 'ORCH-4663', 'ORCH-4650'],
  'a model that answers once is asked by infer, and the prompt cut off',
  async () => {
    const answers = { '/config': writtenAnswer('coupled-config'), '/infer': writtenAnswer('infer') };
    await using replay = await startReplay({ answers });
    expect((await collectRun(replay.adapter, requestOf('Hi'))).text).toBe('Hi there!');
    const [body] = replay.server.bodiesOf('/v2/models/ensemble/infer');
    const exclude = { name: 'exclude_input_in_output', datatype: 'BOOL', shape: [1, 1], data: [true] };
    expect(body?.['inputs']).toContainEqual(exclude);
    const metadata = JSON.parse(writtenAnswer('ensemble-metadata').toString().split('\r\n\r\n')[1] ?? '') as {
      inputs: readonly { readonly name: string }[];
    };
    const inputs = metadata.inputs.filter(({ name }) => name !== 'exclude_input_in_output');
    await using echoing = await startReplay({ answers: { ...answers, '': jsonAnswer(200, { ...metadata, inputs }) } });
    expect((await collectRun(echoing.adapter, requestOf('Hi'))).text).toBe(' there!');
  },
);

verifies(
  'ORCH-4650',
  'infer on a model that answers more than once is a setting of the operator that is wrong',
  async () => {
    const refused = jsonAnswer(501, {
      error: "HTTP end point doesn't support models with decoupled transaction policy",
    });
    await using replay = await startReplay({ route: 'infer', answers: { '/infer': refused } });
    expect((await faultOf(collectRun(replay.adapter, requestOf('Hi')))).code).toBe('INTERNAL');
  },
);

verifies(
  ['ORCH-4660', 'ORCH-4662'],
  'the request carries its id, the fields of the model and the headers of the operator',
  async () => {
    await using replay = await startReplay({
      headers: { 'triton-key': 'canary' },
      answers: { '/generate_stream': writtenAnswer('ensemble') },
    });
    await collectRun(replay.adapter, requestOf('Hi', { jobId: 'r1' }));
    expect(replay.generateBody()).toMatchObject({
      id: 'r1',
      text_input: 'Hi',
      exclude_input_in_output: true,
      stream: true,
    });
    for (const { head } of replay.server.seen) expect(head).toMatch(/^triton-key: canary\r$/im);
  },
);

verifies('ORCH-4660', 'chats and empty prompts are refused before the engine is asked', async () => {
  await using replay = await startReplay();
  const messages = [{ role: 'user', content: 'a' }] as const;
  const chat = requestOf('', { input: { workload: 'chat', messages, tools: [] } });
  expect((await faultOf(collectRun(replay.adapter, chat))).details).toEqual({ field: '$.workload' });
  expect((await faultOf(collectRun(replay.adapter, requestOf('')))).details).toEqual({ field: '$.prompt' });
  expect(replay.generateBody()).toBeUndefined();
});

verifies('ORCH-4664', 'strict is offered for one slot of a model with a seed whose operator confirms it', async () => {
  const determinismOf = async (options: ReplayOptions): Promise<unknown> => {
    const health = await probed(options);
    return health.state === 'ready' ? health.props.features.determinism : health.state;
  };
  expect(await determinismOf({ slots: 1, isRepeatable: true })).toBe('strict');
  expect(await determinismOf({ dialect: 'vllm', slots: 1, isRepeatable: true })).toBe('strict');
  expect(await determinismOf({ slots: 1 })).toBe('best_effort');
  expect(await determinismOf({ isRepeatable: true })).toBe('best_effort');
});

/** Answers with one event and no end. */
const goesOn: ReplayAnswer = (socket) =>
  socket.write(streamAnswer(eventsOf([{ model_name: 'ensemble', text_output: 'a' }]), { isCut: true }));

async function canceledRun(replay: Replay): Promise<Promise<unknown>> {
  const abort = new AbortController();
  return replay.adapter.run(requestOf('a'), { onTokens: () => abort.abort() }, abort.signal);
}

verifies(['ORCH-4676', 'ORCH-1512'], 'a canceled run settles when TensorRT-LLM no longer counts it', async () => {
  const counts = [2, 1, 0, 0];
  await using metrics = await startReplayServer({
    '/metrics': (socket) => {
      const sample = `nv_trt_llm_request_metrics{request_type="active"} ${counts.shift() ?? 0}\n`;
      socket.end(rawAnswer(200, 'text/plain', sample));
    },
  });
  await using replay = await startReplay({ metricsUrl: metrics.baseUrl, answers: { '/generate_stream': goesOn } });
  expect(await canceledRun(replay)).toMatchObject({ finishReason: 'canceled', tokensOut: 1 });
  expect(counts).toEqual([0]);
});

verifies(
  'ORCH-4676',
  'a run that goes on in the engine is a reset; one nobody counts has time to be noticed',
  async () => {
    await using metrics = await startReplayServer({ '/metrics': writtenAnswer('metrics') });
    const options = { metricsUrl: metrics.baseUrl, releaseTimeoutMs: 50, answers: { '/generate_stream': goesOn } };
    await using stuck = await startReplay(options);
    expect((await faultOf(canceledRun(stuck))).details).toMatchObject({ reason: 'slot_stuck' });
    await using shared = await startReplay({ ...options, releaseTimeoutMs: 60_000, isShared: true });
    expect(await canceledRun(shared)).toMatchObject({ finishReason: 'canceled' });
  },
);
