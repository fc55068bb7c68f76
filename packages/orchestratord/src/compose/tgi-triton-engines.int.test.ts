// SPDX-License-Identifier: MIT
import { startReplayServer } from '@llama-orch/adapter-kit/testkit';
import { isConfig } from '@llama-orch/config-schema';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf } from '../__fixtures__/sse-frames.ts';
import { startTestService } from '../__fixtures__/test-service.ts';
import { ENGINE_ANSWERS } from './__fixtures__/engine-answers.ts';

/** Settings every engine has, so that nothing is refused. */
const PLAIN = { prompt: 'brief', seed: 1, min_p: 0, top_k: 0, top_p: 1, determinism: 'best_effort' } as const;

verifies(
  'ORCH-1511',
  'a task runs on a TGI router that the configuration names; what it has not is refused',
  async () => {
    await using router = await startReplayServer(ENGINE_ANSWERS.tgi);
    const options = { digest: `sha256:${'0'.repeat(64)}` };
    const pool = { id: 'big', adapter: 'tgi', model: 'm', base_url: router.baseUrl, slots: 2, options };
    await using service = await startTestService({ config: { pools: [pool] } });
    const { task_id: id } = await service.submit(PLAIN);
    const frames = framesOf(await service.stream(id));
    expect(frames.filter(({ event }) => event === 'token').map(({ data }) => data['t'])).toEqual(['a']);
    expect(frames.at(-1)).toMatchObject({
      event: 'end',
      data: { receipt: { engine: 'tgi', engine_version: '3.3.6-native', model_digest: options.digest } },
    });
    const { task_id: refused } = await service.submit({ ...PLAIN, min_p: 0.05 });
    expect(framesOf(await service.stream(refused)).at(-1)).toMatchObject({
      event: 'error',
      data: { code: 'INVALID_PARAMS', details: { field: '$.min_p' } },
    });
  },
);

verifies('ORCH-1512', 'a task runs on a model of a Triton server that the configuration names', async () => {
  await using triton = await startReplayServer(ENGINE_ANSWERS.triton);
  await using metrics = await startReplayServer({});
  const options = { ctx_max: 2048, key_header: 'triton-key', metrics_url: metrics.baseUrl };
  const pool = {
    id: 'big',
    adapter: 'triton',
    model: 'm',
    base_url: triton.baseUrl,
    api_key_env: 'TRITON_KEY',
    options,
  };
  await using service = await startTestService({
    config: { pools: [pool] },
    env: { TRITON_KEY: 'canary-key' },
  });
  const { task_id: id } = await service.submit(PLAIN);
  expect(framesOf(await service.stream(id)).at(-1)).toMatchObject({
    event: 'end',
    data: { receipt: { engine: 'triton', engine_version: '2.73.0+ensemble.model-1', model_id: 'm' } },
  });
  expect(await (await service.fetch(`/v1/tasks/${id}`)).json()).toMatchObject({ usage: { estimated: true } });
  for (const { head } of triton.seen) expect(head).toMatch(/^triton-key: canary-key\r$/im);
  for (const { head } of metrics.seen) expect(head).not.toContain('canary-key');
});

verifies(
  ['ORCH-1511', 'ORCH-1512'],
  'a pool says what its engine does not tell, and nothing its adapter does not know',
  () => {
    const isValid = (pool: object): boolean =>
      isConfig({ pools: [{ id: 'p', base_url: 'http://127.0.0.1:1', ...pool }] });
    expect(isValid({ adapter: 'triton', model: 'm', options: { ctx_max: 2048, route: 'infer' } })).toBe(true);
    expect(isValid({ adapter: 'triton', options: { ctx_max: 2048 } })).toBe(false);
    expect(isValid({ adapter: 'triton', model: 'm', options: {} })).toBe(false);
    expect(isValid({ adapter: 'tgi', options: { repeatable: true, revision: 'abc' } })).toBe(true);
    expect(isValid({ adapter: 'tgi', options: { ctx_max: 2048 } })).toBe(false);
  },
);
