// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { Pool, PoolHealth, TaskAccepted, TaskRequest } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { postJson, problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const DIRECTED = { options: { directives: true }, max_tokens_out: 100_000 };
/** Writes until it is stopped. */
const ENDLESS = {
  prompt: '[[mock tokens=100000 delay_ms=5]]',
  max_tokens: 100_000,
  determinism: 'best_effort',
} as const;
const BRIEF = { prompt: '[[mock tokens=1]]', max_tokens: 1 };

function post(service: TestService, path: string, body?: object): Promise<Response> {
  const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return service.fetch(`/v1/pools/mock/${path}`, { method: 'POST', ...json });
}

async function poolOf(answer: Response): Promise<Pool> {
  const body: unknown = await answer.json();
  if (answer.status !== 200 || !schemaValidators.Pool(body))
    throw new Error(`${answer.status} ${JSON.stringify(body)}`);
  return body;
}

async function healthOf(service: TestService): Promise<PoolHealth> {
  const body: unknown = await (await service.fetch('/v1/pools/mock/health')).json();
  if (!schemaValidators.PoolHealth(body)) throw new Error(JSON.stringify(body));
  return body;
}

/** Submits a task; resolves when its first token is there. */
async function running(service: TestService, body: TaskRequest): Promise<TaskAccepted> {
  const accepted = await service.submit(body);
  const { body: stream } = await service.fetch(`/v1/tasks/${accepted.task_id}/stream`);
  let text = '';
  for await (const bytes of stream ?? []) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    if (text.includes('event: token')) break;
  }
  return accepted;
}

verifies(
  ['ORCH-1450', 'ORCH-1451'],
  'a drained pool refuses tasks, ends what runs at its deadline, keeps what waits, and is resumed',
  async () => {
    await using service = await startTestService({ pool: { ...DIRECTED, slots: 1 } });
    const stuck = await running(service, ENDLESS);
    const waiting = await service.submit(BRIEF);
    const drained = post(service, 'drain', { deadline_ms: 0 });
    const again = post(service, 'drain', {});
    expect(await poolOf(await drained)).toMatchObject({
      draining: true,
      slots_busy: 0,
      queue_depth: { interactive: 1 },
    });
    expect((await poolOf(await again)).draining).toBe(true);
    expect(await service.stream(stuck.task_id)).toContain('WORKER_RESET');
    const refused = await postJson(service.fetch, BRIEF);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    expect((await problemOf(refused)).code).toBe('POOL_UNREADY');
    expect((await poolOf(await post(service, 'resume'))).draining).toBe(false);
    expect((await poolOf(await post(service, 'resume'))).draining).toBe(false);
    expect(await service.stream(waiting.task_id)).toContain('event: end');
  },
);

verifies(
  'ORCH-1454',
  'a pool is unloaded when its job has ended, and loaded again by an operator or by a task',
  async () => {
    await using service = await startTestService({ pool: { ...DIRECTED, slots: 1 } });
    const job = await running(service, { prompt: '[[mock tokens=3 delay_ms=200]]', max_tokens: 3 });
    expect(await poolOf(await post(service, 'unload'))).toMatchObject({ ready: false, slots: 0 });
    expect(await service.stream(job.task_id)).toContain('event: end');
    expect((await healthOf(service)).replicas).toMatchObject([{ state: 'unloaded', engine_state: 'stopped' }]);
    expect((await poolOf(await post(service, 'unload'))).ready).toBe(false);
    expect((await poolOf(await post(service, 'load'))).ready).toBe(true);
    expect((await poolOf(await post(service, 'load'))).ready).toBe(true);
    await poolOf(await post(service, 'unload'));
    expect(await service.stream((await service.submit(BRIEF)).task_id)).toContain('event: end');
  },
);

verifies(
  'ORCH-1454',
  'a pool that is loaded on demand is loaded by its first task, and unloaded when it is idle',
  async () => {
    const pool = { ...DIRECTED, load: 'on_demand', idle_unload_ms: 300 };
    await using service = await startTestService({ pool });
    expect((await healthOf(service)).replicas[0]?.state).toBe('unloaded');
    expect(await service.stream((await service.submit(BRIEF)).task_id)).toContain('event: end');
    const stateOf = async (): Promise<string | undefined> => (await healthOf(service)).replicas[0]?.engine_state;
    await expect.poll(stateOf, { timeout: 60_000 }).toBe('stopped');
  },
);

verifies('ORCH-1452', 'an embedded pool changes over to another model in one step', async () => {
  await using service = await startTestService({ pool: { ...DIRECTED, model: 'first', slots: 1 } });
  const before = await running(service, { prompt: '[[mock tokens=3 delay_ms=200]]', max_tokens: 3 });
  const reloaded = await poolOf(await post(service, 'reload', { new_model_ref: 'second' }));
  expect(reloaded).toMatchObject({ ready: true, model_id: 'second' });
  expect(await service.stream(before.task_id)).toContain('event: end');
  expect((await healthOf(service)).replicas).toMatchObject([{ replica_id: 'mock-0b', state: 'ready' }]);
  expect((await postJson(service.fetch, { ...BRIEF, model_ref: 'first' })).status).toBe(404);
  expect((await postJson(service.fetch, { ...BRIEF, model_ref: 'second' })).status).toBe(202);
});

verifies(['ORCH-1452', 'ORCH-1454'], 'what cannot be done to a pool is refused by its name', async () => {
  await using service = await startTestService({
    config: {
      pools: [
        { id: 'mock', adapter: 'mock' },
        { id: 'far', adapter: 'llamacpp-http', base_url: 'http://127.0.0.1:9' },
        { id: 'file', adapter: 'node-llama-cpp', load: 'on_demand' },
      ],
    },
  });
  const call = async (path: string, body?: object): Promise<unknown> => {
    const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await service.fetch(`/v1/pools/${path}`, { method: 'POST', ...json });
    const { code, details } = await problemOf(answer);
    return [answer.status, code, details?.field];
  };
  for (const path of ['far/load', 'far/unload'])
    expect(await call(path)).toEqual([400, 'INVALID_PARAMS', 'path.pool_id']);
  expect(await call('far/reload', {})).toEqual([400, 'INVALID_PARAMS', 'path.pool_id']);
  expect(await call('none/load')).toEqual([404, 'NOT_FOUND', 'path.pool_id']);
  const missing = { new_model_ref: 'nowhere.gguf' };
  expect(await call('file/reload', missing)).toEqual([400, 'INVALID_PARAMS', '$.new_model_ref']);
});

verifies(
  'ORCH-1407',
  'the health of a pool names state, cure and capacity of an engine that does not load',
  async () => {
    await using service = await startTestService({ pool: { slots: 2, options: { fail_load: true } } });
    const { ready, replicas } = await healthOf(service);
    expect(ready).toBe(false);
    expect(replicas).toMatchObject([
      { provisioning: 'embedded', last_error: expect.any(String), cure: expect.any(String) },
    ]);
    expect(replicas[0]).toMatchObject({ configured_capacity: { slots: 2 }, since_ms: expect.any(Number) });
  },
);
