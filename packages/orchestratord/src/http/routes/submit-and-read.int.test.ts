// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { schemaValidators } from '@llama-orch/api-schema';
import type { Task, TaskList } from '@llama-orch/api-types';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { textOf } from '../../__fixtures__/sse-frames.ts';
import { postJson, problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const NEVER_ENDING = '[[mock tokens=9 fault=hang at=0]]';

async function read(service: TestService, taskId: string): Promise<Task> {
  const task: unknown = await (await service.fetch(`/v1/tasks/${taskId}`)).json();
  if (!schemaValidators.Task(task)) throw new Error(JSON.stringify(schemaValidators.Task.errors));
  return task;
}

async function list(service: TestService, query = ''): Promise<TaskList> {
  const page: unknown = await (await service.fetch(`/v1/tasks${query}`)).json();
  if (!schemaValidators.TaskList(page)) throw new Error(JSON.stringify(page));
  return page;
}

verifies(['ORCH-2100', 'ORCH-2101'], 'a prompt alone is accepted and told its place', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const answer = await postJson(service.fetch, { prompt: 'hi' });
  expect(answer.status).toBe(202);
  const accepted: unknown = await answer.json();
  if (!schemaValidators.TaskAccepted(accepted)) throw new Error(JSON.stringify(accepted));
  expect(answer.headers.get('location')).toBe(`/v1/tasks/${accepted.task_id}`);
  expect(accepted).toMatchObject({ pool_id: 'mock', queue_position: 0, predicted_start_ms: 0, backoff_ms: 0 });
});

verifies('ORCH-2103', 'the same submit is answered as the first time, another body is a conflict', async () => {
  await using service = await startTestService();
  const body = { task_id: randomUUID(), prompt: 'hi', metadata: { a: '1' } };
  const first = await postJson(service.fetch, body);
  const firstText = await first.text();
  await service.stream(body.task_id);
  const again = await postJson(service.fetch, `{"metadata":{"a":"1"}, "prompt":"hi","task_id":"${body.task_id}"}`);
  expect([again.status, again.headers.get('location')]).toEqual([202, first.headers.get('location')]);
  expect(await again.text()).toBe(firstText);
  const other = await postJson(service.fetch, { ...body, prompt: 'ho' });
  expect(other.status).toBe(409);
  expect(await problemOf(other)).toMatchObject({ code: 'TASK_CONFLICT', retriable: false });
  expect((await list(service)).tasks).toHaveLength(1);
});

verifies('ORCH-2104', 'a full queue is a 429 that says when to come back', async () => {
  await using service = await startTestService({ pool: { slots: 1 }, config: { queue: { interactive_tasks: 1 } } });
  const running = await service.submit({ prompt: NEVER_ENDING });
  await service.submit({ prompt: NEVER_ENDING });
  const refused = await postJson(service.fetch, { prompt: 'hi', task_id: randomUUID() });
  expect(refused.status).toBe(429);
  const problem = await problemOf(refused);
  expect(problem).toMatchObject({
    code: 'ADMISSION_REJECT',
    policy_label: 'reject',
    details: { limit: 1, unit: 'tasks' },
  });
  expect(Number(refused.headers.get('x-backoff-ms'))).toBe(problem.retry_after_ms);
  expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil((problem.retry_after_ms ?? 0) / 1000));
  expect((await list(service)).tasks).toHaveLength(2);
  expect((await read(service, running.task_id)).state).toBe('running');
});

verifies('ORCH-2105', 'a task that fits no pool is refused by the field that does not fit', async () => {
  await using service = await startTestService();
  const cases = [
    { pool_id: 'other' },
    { model_ref: 'other' },
    { engine: 'other' },
    { ctx: 1_000_000 },
    { max_tokens: 1_000_000 },
    { sampler_profile_version: 'other' },
    { response_format: { type: 'grammar', grammar: 'root ::= "a"' } },
  ];
  for (const extra of cases) {
    const refused = await postJson(service.fetch, { prompt: 'hi', ...extra });
    const problem = await problemOf(refused);
    expect(['POOL_UNAVAILABLE', 'INVALID_PARAMS'], JSON.stringify(extra)).toContain(problem.code);
    expect(problem.details?.field, JSON.stringify(extra)).toMatch(new RegExp(`^\\$\\.${Object.keys(extra)[0] ?? ''}`));
  }
  expect((await list(service)).tasks).toHaveLength(0);
});

verifies('ORCH-2120', 'a completed task shows output, receipt, timings and usage', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: 'hi', seed: 7, session_id: 's-1', metadata: { a: 'b' } });
  const frames = await service.stream(taskId);
  const task = await read(service, taskId);
  expect(task).toMatchObject({
    task_id: taskId,
    session_id: 's-1',
    pool_id: 'mock',
    state: 'completed',
    workload: 'completion',
    priority: 'interactive',
    determinism: 'strict',
    seed: 7,
    attempt: 1,
    finish_reason: 'stop',
    output_mode: 'text',
    metadata: { a: 'b' },
    output: { text: textOf(frames) },
    receipt: { seed: 7, engine: 'mock', replica_id: 'mock-0' },
    placement: { replica_id: 'mock-0' },
  });
  expect(task.usage.tokens_out).toBe(task.receipt?.tokens_out);
  expect(task.timings.total_time_ms).toBeGreaterThan(0);
  expect(frames).toContain(JSON.stringify(task.receipt));
});

verifies('ORCH-2120', 'a failed task shows its error, a waiting one its place', async () => {
  await using service = await startTestService({ pool: { slots: 1 } });
  const failed = await service.submit({ prompt: '[[mock tokens=5 fault=crash at=2]]', determinism: 'best_effort' });
  await service.stream(failed.task_id);
  expect(await read(service, failed.task_id)).toMatchObject({
    state: 'failed',
    error: { code: 'WORKER_RESET', retriable: true },
  });
  await using busy = await startTestService({ pool: { slots: 1 } });
  await busy.submit({ prompt: NEVER_ENDING });
  await busy.submit({ prompt: NEVER_ENDING, priority: 'batch' });
  const waiting = await busy.submit({ prompt: NEVER_ENDING, priority: 'batch' });
  expect(await read(busy, waiting.task_id)).toMatchObject({ state: 'queued', queue_position: 1, attempt: 0 });
});

verifies('ORCH-2121', 'no read gives a prompt back', async () => {
  await using service = await startTestService();
  const canary = `canary-${randomUUID()}`;
  const { task_id: taskId } = await service.submit({ messages: [{ role: 'user', content: canary }] });
  await service.stream(taskId);
  for (const path of [`/v1/tasks/${taskId}`, '/v1/tasks', '/v1/pools', '/v1/sessions', '/metrics']) {
    expect(await (await service.fetch(path)).text()).not.toContain(canary);
  }
});

verifies('ORCH-2120', 'an unknown task is not found, an id is known in upper and lower case', async () => {
  await using service = await startTestService();
  const unknown = await service.fetch(`/v1/tasks/${randomUUID()}`);
  expect(unknown.status).toBe(404);
  expect(await problemOf(unknown)).toMatchObject({ code: 'NOT_FOUND', details: { field: 'path.task_id' } });
  const { task_id: taskId } = await service.submit({ prompt: 'hi' });
  expect((await read(service, taskId.toUpperCase())).task_id).toBe(taskId);
});

verifies('ORCH-2110', 'tasks are listed newest first, filtered, without output and receipt', async () => {
  await using service = await startTestService();
  const first = await service.submit({ prompt: 'a', session_id: 's-1' });
  const second = await service.submit({ prompt: 'b', priority: 'batch' });
  for (const { task_id: taskId } of [first, second]) await service.stream(taskId);
  const ids = async (query: string): Promise<string[]> =>
    (await list(service, query)).tasks.map(({ task_id: taskId }) => taskId);
  expect(await ids('')).toEqual([second.task_id, first.task_id]);
  expect(await ids('?session_id=s-1')).toEqual([first.task_id]);
  expect(await ids('?priority=batch&pool_id=mock&state=completed')).toEqual([second.task_id]);
  expect(await ids('?state=failed')).toEqual([]);
  expect(await ids('?pool_id=other')).toEqual([]);
  for (const task of (await list(service)).tasks) expect([task.output, task.receipt]).toEqual([undefined, undefined]);
});

verifies('ORCH-2111', 'pages give each task once and end without a cursor', async () => {
  await using service = await startTestService();
  const submitted: string[] = [];
  for (let i = 0; i < 5; i++) submitted.unshift((await service.submit({ prompt: 'a' })).task_id);
  const seen: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await list(service, `?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    expect(page.tasks.length).toBeLessThanOrEqual(2);
    seen.push(...page.tasks.map(({ task_id: taskId }) => taskId));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual(submitted);
  const foreign = await service.fetch('/v1/tasks?cursor=not-ours');
  expect(foreign.status).toBe(400);
  expect(await problemOf(foreign)).toMatchObject({ code: 'INVALID_PARAMS', details: { field: 'query.cursor' } });
});
