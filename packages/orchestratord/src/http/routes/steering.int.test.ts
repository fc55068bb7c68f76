// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { schemaValidators } from '@llama-orch/api-schema';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const HANG = '[[mock tokens=9 fault=hang at=1]]';

function post(service: TestService, path: string, body?: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return service.fetch(path, {
    method: 'POST',
    ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
  });
}

function prioritize(service: TestService, taskId: string, priority: unknown): Promise<Response> {
  return post(service, `/v1/tasks/${taskId}/priority`, { priority });
}

verifies('ORCH-1282', 'a waiting task is moved and shown as it stands', async () => {
  await using service = await startTestService({ pool: { slots: 1 } });
  await service.submit({ prompt: HANG });
  const first = await service.submit({ prompt: 'first' });
  const second = await service.submit({ prompt: 'second' });
  const answer = await prioritize(service, first.task_id, 'batch');
  const task: unknown = await answer.json();
  if (!schemaValidators.Task(task)) throw new Error(JSON.stringify(task));
  expect([answer.status, task.priority, task.queue_position, task.state]).toEqual([200, 'batch', 1, 'queued']);
  const other = (await (await service.fetch(`/v1/tasks/${second.task_id}`)).json()) as { queue_position: number };
  expect(other.queue_position).toBe(0);
  const list = (await (await service.fetch('/v1/tasks?priority=batch')).json()) as { tasks: { task_id: string }[] };
  expect(list.tasks.map(({ task_id: id }) => id)).toEqual([first.task_id]);
});

verifies('ORCH-1282', 'each refusal is typed and names its cause', async () => {
  await using service = await startTestService({ pool: { slots: 1 }, config: { queue: { batch_tasks: 0 } } });
  const running = await service.submit({ prompt: HANG });
  const waiting = await service.submit({ prompt: 'hi' });
  const rows = [
    [running.task_id, 'batch', 409, 'TASK_CONFLICT', { field: 'path.task_id' }],
    [waiting.task_id, 'batch', 429, 'ADMISSION_REJECT', { limit: 0, unit: 'tasks', priority: 'batch' }],
    [waiting.task_id, 'urgent', 400, 'INVALID_PARAMS', { field: '$.priority' }],
    [waiting.task_id, undefined, 400, 'INVALID_PARAMS', { field: '$.priority' }],
    [randomUUID(), 'batch', 404, 'NOT_FOUND', { field: 'path.task_id' }],
  ] as const;
  for (const [taskId, priority, status, code, details] of rows) {
    const answer = await prioritize(service, taskId, priority);
    expect([answer.status, await problemOf(answer)]).toMatchObject([status, { code, details }]);
    expect(answer.headers.has('retry-after')).toBe(status === 429);
  }
  await post(service, `/v1/tasks/${running.task_id}/cancel`);
  await service.stream(waiting.task_id);
  expect((await prioritize(service, waiting.task_id, 'batch')).status).toBe(409);
});

verifies('ORCH-1283', 'a pool is paused and resumed over HTTP, and everything that shows pools shows it', async () => {
  await using service = await startTestService();
  const read = async (path: string): Promise<unknown> => (await service.fetch(path)).json();
  for (let round = 0; round < 2; round += 1) {
    const answer = await post(service, '/v1/pools/mock/pause');
    expect([answer.status, await answer.json()]).toMatchObject([200, { pool_id: 'mock', paused: true, ready: true }]);
  }
  const { task_id: taskId } = await service.submit({ prompt: 'hi' });
  expect(await read(`/v1/tasks/${taskId}`)).toMatchObject({
    state: 'queued',
    queue_position: 0,
    waiting_for: { reason: 'pool_paused' },
  });
  expect(await read('/v1/pools')).toMatchObject({ pools: [{ paused: true }] });
  expect(await read('/v1/pools/mock/health')).toMatchObject({ paused: true, ready: true });
  expect(await read('/v1/capabilities')).toMatchObject({ pools: [{ paused: true }] });
  expect(await (await service.fetch('/metrics')).text()).toContain('queue_paused{pool_id="mock"} 1\n');
  expect(await (await post(service, '/v1/pools/mock/resume')).json()).toMatchObject({ paused: false });
  expect(await service.stream(taskId)).toContain('event: end\n');
  expect(await (await service.fetch('/metrics')).text()).toContain('queue_paused{pool_id="mock"} 0\n');
  const unknown = await post(service, '/v1/pools/none/pause');
  expect([unknown.status, await problemOf(unknown)]).toMatchObject([404, { details: { field: 'path.pool_id' } }]);
  expect((await post(service, '/v1/pools/mock/pause', {})).status).toBe(400);
});
