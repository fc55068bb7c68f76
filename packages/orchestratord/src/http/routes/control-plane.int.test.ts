// SPDX-License-Identifier: MIT
import { openapiDocument, schemaValidators, type Validator } from '@llama-orch/api-schema';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { framesOf, readUntil } from '../../__fixtures__/sse-frames.ts';
import {
  postJson,
  problemOf,
  startTestService,
  UNREACHABLE_ENGINE,
  type TestService,
} from '../../__fixtures__/test-service.ts';

async function read<T>(service: TestService, path: string, validator: Validator<T>): Promise<T> {
  const body: unknown = await (await service.fetch(path)).json();
  if (!validator(body)) throw new Error(`${path}: ${JSON.stringify(validator.errors)} ${JSON.stringify(body)}`);
  return body;
}

verifies('ORCH-2200', 'capabilities say what the engine told', async () => {
  await using service = await startTestService({ pool: { slots: 3, max_tokens_out: 77 } });
  expect(await read(service, '/v1/capabilities', schemaValidators.Capabilities)).toMatchObject({
    api_version: '1',
    pools: [
      {
        pool_id: 'mock',
        engine: 'mock',
        engine_version: '1.0.0',
        model_id: 'mock-words',
        sampler_profile_version: 'default-1',
        max_tokens_out: 77,
        slots: 3,
        workloads: ['completion', 'chat', 'embedding', 'rerank'],
        features: { determinism: 'strict' },
      },
    ],
  });
});

verifies(['ORCH-2205', 'ORCH-2210'], 'a pool and its health show what runs and waits', async () => {
  await using service = await startTestService({ pool: { slots: 1 } });
  const running = await service.submit({ prompt: '[[mock tokens=9 fault=hang at=1]]' });
  await service.submit({ prompt: 'hi' });
  await service.submit({ prompt: 'hi', priority: 'batch' });
  await readUntil(await service.fetch(`/v1/tasks/${running.task_id}/stream`), 'token');
  const { pools } = await read(service, '/v1/pools', schemaValidators.PoolList);
  expect(pools).toEqual([
    {
      pool_id: 'mock',
      engine: 'mock',
      model_id: 'mock-words',
      live: true,
      ready: true,
      draining: false,
      paused: false,
      slots: 1,
      slots_busy: 1,
      queue_depth: { interactive: 1, batch: 1 },
    },
  ]);
  const health = await read(service, '/v1/pools/mock/health', schemaValidators.PoolHealth);
  expect(health).toMatchObject({
    ready: true,
    replicas: [{ replica_id: 'mock-0', state: 'ready', slots: 1, slots_busy: 1 }],
    metrics: { queue_depth: { interactive: 1, batch: 1 }, slots_busy: 1 },
  });
  const unknown = await service.fetch('/v1/pools/other/health');
  expect([unknown.status, (await problemOf(unknown)).details?.field]).toEqual([404, 'path.pool_id']);
});

verifies(
  ['ORCH-2210', 'ORCH-2235', 'ORCH-2230'],
  'a pool that failed is named, while the service is alive',
  async () => {
    await using service = await startTestService({ pool: UNREACHABLE_ENGINE });
    const health = await read(service, '/v1/pools/mock/health', schemaValidators.PoolHealth);
    expect(health).toMatchObject({ ready: false, replicas: [{ state: 'failed' }] });
    expect(health.replicas[0]?.last_error).toBeTypeOf('string');
    const readiness = await service.fetch('/readyz');
    expect([readiness.status, readiness.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await problemOf(readiness)).toMatchObject({
      code: 'POOL_UNREADY',
      details: { pools: [{ pool_id: 'mock', ready: false }] },
    });
    expect(await read(service, '/healthz', schemaValidators.Health)).toEqual({ status: 'ok' });
  },
);

verifies(['ORCH-2235', 'ORCH-2230'], 'ready and alive are answered without a token', async () => {
  await using service = await startTestService({ env: { LLORCH_API_TOKEN: 'a-token-of-the-test' } });
  expect(await read(service, '/readyz', schemaValidators.Readiness)).toMatchObject({ ready: true });
  expect(await read(service, '/healthz', schemaValidators.Health)).toEqual({ status: 'ok' });
});

verifies('ORCH-2220', 'events tell of admissions, states and refusals, without any text', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const events = await service.fetch('/v1/events');
  const refused = await postJson(service.fetch, { prompt: 'canary', pool_id: 'nowhere' });
  await refused.text();
  const { task_id: taskId } = await service.submit({ prompt: 'canary [[mock tokens=3]]' });
  let text = '';
  for await (const bytes of events.body ?? new ReadableStream<Uint8Array>()) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    if (text.includes('"completed"') && text.endsWith('\n\n')) break;
  }
  const frames = framesOf(text);
  expect(frames.map(({ id }) => id)).toEqual(frames.map((_, index) => String(index + 1)));
  for (const { event, data } of frames) {
    const validator = event === 'task-changed' ? schemaValidators.TaskChangedEvent : schemaValidators.TaskRejectedEvent;
    expect(validator(data), JSON.stringify(data)).toBe(true);
  }
  const states = frames.filter(({ data }) => data['task_id'] === taskId).map(({ data }) => data['state']);
  expect(states).toEqual(['queued', 'running', 'completed']);
  expect(frames[0]).toMatchObject({ event: 'task-rejected', data: { code: 'POOL_UNAVAILABLE' } });
  expect(text).not.toContain('canary');
});

verifies('ORCH-2245', 'the contract is served as it was written', async () => {
  await using service = await startTestService();
  expect(await (await service.fetch('/openapi.json')).json()).toEqual(openapiDocument);
});

verifies('ORCH-2240', 'metrics are in the text exposition format', async () => {
  await using service = await startTestService();
  const answer = await service.fetch('/metrics');
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await answer.text()).toContain('# TYPE tasks_enqueued_total counter\n');
});

verifies('ORCH-2401', 'the served operations are exactly those of the contract', async () => {
  await using service = await startTestService();
  const paths = openapiDocument['paths'] as Record<string, Record<string, object>>;
  for (const [path, item] of Object.entries(paths)) {
    const filled = path.replace('{task_id}', crypto.randomUUID()).replaceAll(/\{\w+\}/g, 'x');
    const known = Object.keys(item).filter((key) => key !== 'parameters');
    for (const method of ['get', 'post', 'delete', 'put', 'patch', 'options']) {
      const answer = await service.fetch(filled, { method: method.toUpperCase(), signal: AbortSignal.timeout(60_000) });
      if (!known.includes(method)) {
        expect([answer.status, answer.headers.get('allow')], `${method} ${path}`).toEqual([
          405,
          known.map((name) => name.toUpperCase()).join(', '),
        ]);
      } else expect(answer.status, `${method} ${path}`).not.toBe(405);
      await answer.body?.cancel();
    }
  }
});
