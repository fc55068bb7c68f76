// SPDX-License-Identifier: MIT
import { startOpenAiEngine, startReplayServer, streamAnswer, jsonAnswer } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf } from '../__fixtures__/sse-frames.ts';
import { postJson, problemOf, startTestService, type TestService } from '../__fixtures__/test-service.ts';

const VLLM_MODEL = { id: 'counting', object: 'model', root: '/models/counting', parent: null, max_model_len: 4_096 };

const READINGS = 'vllm:kv_cache_usage_perc{engine="0"} 0.25\nvllm:num_requests_running{engine="0"} ';

interface VllmSetting extends AsyncDisposable {
  readonly service: TestService;
}

async function startOnVllm(): Promise<VllmSetting> {
  const engine = await startOpenAiEngine({
    usage: 'every_chunk',
    refusal: {},
    control: {
      '/health': () => ({ text: '' }),
      '/version': () => ({ json: { version: '0.13.0' } }),
      '/v1/models': () => ({ json: { object: 'list', data: [VLLM_MODEL] } }),
      '/metrics': ({ busyCount }) => ({ text: `${READINGS}${busyCount()}.0\n` }),
      '/tokenize': () => ({ json: { count: 5_000, max_model_len: 4_096, tokens: [] } }),
    },
  });
  const pool = { id: 'big', adapter: 'vllm', base_url: engine.baseUrl, slots: 2, options: { batch_invariant: true } };
  const service = await startTestService({ config: { pools: [pool] } });
  return {
    service,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

verifies(['ORCH-1510', 'ORCH-1516'], 'a task runs on a vLLM server that the configuration names', async () => {
  await using setting = await startOnVllm();
  const { service } = setting;
  const { task_id: id } = await service.submit({ prompt: 'brief', seed: 1, pool_id: 'big' });
  const frames = framesOf(await service.stream(id));
  const text = frames.filter(({ event }) => event === 'token').map(({ data }) => data['t']);
  expect(text.join('')).toBe(' 2 3 4 5 6 7 8 9');
  expect(frames.at(-1)).toMatchObject({
    event: 'end',
    data: { finish_reason: 'stop', receipt: { engine: 'vllm', engine_version: '0.13.0', determinism: 'strict' } },
  });
  const task: unknown = await (await service.fetch(`/v1/tasks/${id}`)).json();
  expect(task).toMatchObject({ usage: { tokens_in: 5, tokens_out: 8 } });
  expect(task).not.toHaveProperty('usage.estimated');
  const metrics = await (await service.fetch('/metrics')).text();
  expect(metrics).toMatch(/^kv_cache_usage_ratio\{engine="vllm",pool_id="big",replica_id="big-0"\} 0\.25$/m);
  expect(metrics).not.toContain('vllm:');
});

verifies(['ORCH-4515', 'ORCH-1508'], 'a prompt that vLLM counts too long is refused with the numbers', async () => {
  await using setting = await startOnVllm();
  const answer = await postJson(setting.service.fetch, { prompt: 'a '.repeat(4_000), max_tokens: 16 });
  expect(await problemOf(answer)).toMatchObject({
    code: 'INVALID_PARAMS',
    details: { field: '$.prompt', limit: 4_096, prompt_tokens: 5_000, max_tokens: 16 },
  });
});

verifies(
  ['ORCH-1322', 'ORCH-1513', 'ORCH-1517'],
  'messages alone are enough for a server that lacks settings and counts nothing',
  async () => {
    const models = { object: 'list', data: [{ id: 'counting', object: 'model' }] };
    await using engine = await startOpenAiEngine({
      usage: 'none',
      refusal: {},
      control: { '/v1/models': () => ({ json: models }) },
    });
    const options = { ctx_max: 4_096, max_tokens_field: 'max_completion_tokens' };
    const pool = { id: 'any', adapter: 'openai-http', model: 'counting', base_url: `${engine.baseUrl}/v1`, options };
    await using service = await startTestService({ config: { pools: [pool] } });
    const messages = [{ role: 'user', content: 'brief' }] as const;
    const { task_id: id } = await service.submit({ messages: [...messages] });
    expect(framesOf(await service.stream(id)).at(-1)).toMatchObject({ event: 'end', data: { tokens_out: 8 } });
    expect(await (await service.fetch(`/v1/tasks/${id}`)).json()).toMatchObject({
      usage: { tokens_in: 2, tokens_out: 8, estimated: true },
      receipt: { sampler_profile_version: 'plain-1', determinism: 'best_effort' },
    });
  },
);

verifies('ORCH-1506', 'what an engine says of an error reaches neither client nor log', async () => {
  const error = { message: 'canary-prompt', type: 'server_error', param: null, code: null };
  const chunk = { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] };
  await using server = await startReplayServer({
    '/v1/models': jsonAnswer(200, { data: [] }),
    '/v1/chat/completions': streamAnswer(`data: ${JSON.stringify(chunk)}\n\ndata: ${JSON.stringify({ error })}\n\n`),
  });
  const options = { ctx_max: 4_096, sampler_fields: ['top_k', 'min_p'] };
  const pool = { id: 'any', adapter: 'openai-http', model: 'm', base_url: `${server.baseUrl}/v1`, options };
  await using service = await startTestService({ config: { pools: [pool] } });
  const messages = [{ role: 'user', content: 'a' }] as const;
  const { task_id: id } = await service.submit({ messages: [...messages], determinism: 'best_effort' });
  const stream = await service.stream(id);
  expect(framesOf(stream).at(-1)).toMatchObject({
    event: 'error',
    data: { code: 'WORKER_RESET', engine: 'openai-http' },
  });
  const told = stream + (await (await service.fetch(`/v1/tasks/${id}`)).text()) + service.logText();
  expect(told).not.toContain('canary-prompt');
});
