// SPDX-License-Identifier: MIT
import type { Problem } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import {
  postJson,
  problemOf,
  startTestService,
  UNREACHABLE_ENGINE,
  type TestService,
} from '../__fixtures__/test-service.ts';

const NEVER_ENDING = '[[mock tokens=9 fault=hang at=0]]';

async function startFull(backend: string, queue: Record<string, unknown>): Promise<TestService> {
  const service = await startTestService({
    pool: { slots: 1 },
    config: { store: { backend }, queue: { interactive_tasks: 1, batch_tasks: 2, ...queue } },
  });
  const { task_id: taskId } = await service.submit({ prompt: NEVER_ENDING });
  const frames = (await service.fetch(`/v1/tasks/${taskId}/stream`)).body!.pipeThrough(new TextDecoderStream());
  for await (const text of frames) if (text.includes('"running"')) break;
  return service;
}

/** A refusal that tells when to come back, in the body and in both headers alike. */
async function refusalOf(service: TestService, body: object): Promise<Problem> {
  const answer = await postJson(service.fetch, body);
  const problem = await problemOf(answer);
  expect(answer.status).toBe(429);
  expect(problem.retry_after_ms).toBeGreaterThanOrEqual(250);
  expect(Number(answer.headers.get('x-backoff-ms'))).toBe(problem.retry_after_ms);
  expect(Number(answer.headers.get('retry-after'))).toBe(Math.ceil((problem.retry_after_ms ?? 0) / 1_000));
  return problem;
}

async function stateOf(service: TestService, taskId: string): Promise<unknown> {
  return ((await (await service.fetch(`/v1/tasks/${taskId}`)).json()) as { state: string }).state;
}

for (const backend of ['memory', 'sqlite']) {
  verifies(['ORCH-1250', 'ORCH-1253'], `${backend}: reject evicts nobody, by count and by bytes`, async () => {
    await using service = await startFull(backend, { full_policy: 'reject', queued_bytes: 4_096 });
    const waiting = await service.submit({ prompt: NEVER_ENDING });
    expect(await refusalOf(service, { prompt: 'hi' })).toMatchObject({
      code: 'ADMISSION_REJECT',
      policy_label: 'reject',
      details: { limit: 1, unit: 'tasks', priority: 'interactive' },
    });
    expect(await refusalOf(service, { prompt: 'x'.repeat(3_000), priority: 'batch' })).toMatchObject({
      code: 'ADMISSION_REJECT',
      details: { limit: 4_096, unit: 'bytes', priority: 'batch' },
    });
    expect(await stateOf(service, waiting.task_id)).toBe('queued');
  });

  verifies(
    'ORCH-1250',
    `${backend}: drop-lru ends the oldest of the lowest priority and tells its reader`,
    async () => {
      await using service = await startFull(backend, { full_policy: 'drop-lru' });
      const batch = { prompt: NEVER_ENDING, priority: 'batch' } as const;
      const [oldest, other] = [await service.submit(batch), await service.submit(batch)];
      const stream = service.stream(oldest.task_id);
      const newcomer = await service.submit(batch);
      expect(await stream).toMatch(/event: error\ndata: .*"code":"QUEUE_FULL_DROP_LRU".*"retriable":true/);
      expect(await Promise.all([oldest, other, newcomer].map(({ task_id: id }) => stateOf(service, id)))).toEqual([
        'evicted',
        'queued',
        'queued',
      ]);
    },
  );

  verifies(
    'ORCH-1250',
    `${backend}: shed-low-priority gives the place of the newest batch task to interactive`,
    async () => {
      await using service = await startFull(backend, { full_policy: 'shed-low-priority' });
      const batch = { prompt: NEVER_ENDING, priority: 'batch' } as const;
      const [older, newest] = [await service.submit(batch), await service.submit(batch)];
      expect(await refusalOf(service, batch)).toMatchObject({ policy_label: 'shed-low-priority' });
      const first = await service.submit({ prompt: NEVER_ENDING });
      const second = await service.submit({ prompt: NEVER_ENDING });
      const states = [older, newest, first, second].map(({ task_id: id }) => stateOf(service, id));
      expect(await Promise.all(states)).toEqual(['queued', 'evicted', 'queued', 'queued']);
    },
  );
}

verifies(
  'ORCH-1254',
  'a full share is 429, a pool that cannot serve is 503, and both say when to come back',
  async () => {
    await using full = await startFull('memory', {});
    await full.submit({ prompt: NEVER_ENDING });
    expect((await refusalOf(full, { prompt: 'hi' })).code).toBe('ADMISSION_REJECT');
    await using broken = await startTestService({ pool: UNREACHABLE_ENGINE });
    const answer = await postJson(broken.fetch, { prompt: 'hi' });
    const problem = await problemOf(answer);
    expect([answer.status, problem.code, problem.retriable]).toEqual([503, 'POOL_UNREADY', true]);
    expect(Number(answer.headers.get('x-backoff-ms'))).toBe(problem.retry_after_ms);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  },
);
