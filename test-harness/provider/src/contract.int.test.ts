// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultsOfAnswer, operationsOfContract } from './contract-check.ts';
import { HANGING_PROMPT, startServiceUnderTest, type ServiceUnderTest } from './service-under-test.ts';

const TOKEN = 'a-token-of-the-provider-test';
/** Statuses that cannot be brought about from outside. */
const NOT_PROVOKED = ['500'];

/** One call and what it must be answered with. */
type Case = readonly [operationId: string, status: number, call: () => Promise<Response>];

const PATHS: Readonly<Record<string, readonly [method: string, path: string]>> = {
  submitTask: ['POST', '/v1/tasks'],
  listTasks: ['GET', '/v1/tasks'],
  getTask: ['GET', '/v1/tasks/{task}'],
  streamTask: ['GET', '/v1/tasks/{task}/stream'],
  cancelTask: ['POST', '/v1/tasks/{task}/cancel'],
  listSessions: ['GET', '/v1/sessions'],
  getSession: ['GET', '/v1/sessions/{session}'],
  deleteSession: ['DELETE', '/v1/sessions/{session}'],
  getCapabilities: ['GET', '/v1/capabilities'],
  listPools: ['GET', '/v1/pools'],
  getPoolHealth: ['GET', '/v1/pools/{pool}/health'],
  streamEvents: ['GET', '/v1/events'],
  getHealth: ['GET', '/healthz'],
  getReadiness: ['GET', '/readyz'],
  getMetrics: ['GET', '/metrics'],
  getOpenapi: ['GET', '/openapi.json'],
};

/** Calls an operation with ids that exist, unless others are given. */
function caller(service: ServiceUnderTest, known: Readonly<Record<string, string>>) {
  return (
    operationId: string,
    {
      ids = {},
      query = '',
      ...init
    }: { ids?: Record<string, string>; query?: string; headers?: Record<string, string>; body?: unknown } = {},
  ) => {
    const [method, template] = PATHS[operationId] ?? ['GET', '/'];
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? known[name] ?? '');
    return service.call(method, path + query, init);
  };
}

/** The events stream never ends by itself: what has come after the first frame is judged. */
async function beginning(answer: Response): Promise<Response> {
  if (answer.status !== 200) return answer;
  let text = '';
  for await (const bytes of answer.body ?? new ReadableStream<Uint8Array>()) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    if (text.includes('\n\n')) break;
  }
  return new Response(text, { status: answer.status, headers: answer.headers });
}

verifies(['ORCH-2402', 'ORCH-2401'], 'every status of every operation is seen and fits the contract', async () => {
  await using service = await startServiceUnderTest({
    sessions: { max_turns: 1 },
    queue: { interactive_tasks: 1 },
    stream: { buffer_bytes: 1024 },
  });
  await using locked = await startServiceUnderTest({}, {}, TOKEN);
  await using broken = await startServiceUnderTest({}, { options: { fail_load: true } });
  await using narrow = await startServiceUnderTest({ limits: { open_streams: 1 } });
  const taskId = await service.submit({ prompt: 'hi', session_id: 's' });
  await service.finish(taskId);
  const long = await service.submit({ prompt: '[[mock tokens=500]]', max_tokens: 500 });
  for (let state = ''; state !== 'completed';)
    state = ((await (await service.call('GET', `/v1/tasks/${long}`)).json()) as { state: string }).state;
  const { job_id: longJob } = (await (await service.call('GET', `/v1/tasks/${long}`)).json()) as { job_id: string };
  const call = caller(service, { task: taskId, session: 's', pool: 'haiku' });
  const body = { prompt: 'hi' };
  const used = { task_id: taskId, prompt: 'other' };

  const cases: Case[] = [];
  for (const operationId of operationsOfContract().keys()) {
    const post = operationId === 'submitTask' ? { body } : {};
    cases.push([operationId, 400, () => call(operationId, { ...post, query: '?x=1' })]);
    cases.push([operationId, 403, () => call(operationId, { ...post, headers: { origin: 'https://evil.example' } })]);
    if (['getHealth', 'getReadiness'].includes(operationId)) continue;
    cases.push([
      operationId,
      401,
      () => caller(locked, { task: taskId, session: 's', pool: 'haiku' })(operationId, post),
    ]);
  }
  for (const operationId of [
    'listTasks',
    'getTask',
    'streamTask',
    'listSessions',
    'getSession',
    'getCapabilities',
    'listPools',
    'getPoolHealth',
    'getHealth',
    'getReadiness',
    'getMetrics',
    'getOpenapi',
  ]) {
    cases.push([operationId, 200, () => call(operationId)]);
  }
  for (const operationId of ['getTask', 'streamTask', 'cancelTask', 'getSession', 'deleteSession', 'getPoolHealth']) {
    cases.push([
      operationId,
      404,
      () => call(operationId, { ids: { task: randomUUID(), session: 'none', pool: 'none' } }),
    ]);
  }
  cases.push(
    ['submitTask', 202, () => call('submitTask', { body })],
    ['submitTask', 404, () => call('submitTask', { body: { ...body, pool_id: 'none' } })],
    ['submitTask', 409, () => call('submitTask', { body: used })],
    ['submitTask', 409, () => call('submitTask', { body: { ...body, session_id: 's' } })],
    ['submitTask', 413, () => call('submitTask', { body: '['.repeat(100) })],
    ['submitTask', 415, () => call('submitTask', { body: 'x', headers: { 'content-type': 'text/plain' } })],
    ['submitTask', 503, () => broken.call('POST', '/v1/tasks', { body })],
    ['streamTask', 409, () => call('streamTask', { headers: { 'last-event-id': '00000000:1' } })],
    [
      'streamTask',
      410,
      () => call('streamTask', { ids: { task: long }, headers: { 'last-event-id': `${longJob.slice(0, 8)}:0` } }),
    ],
    ['cancelTask', 204, () => call('cancelTask')],
    ['deleteSession', 204, () => call('deleteSession')],
    ['getReadiness', 503, () => broken.call('GET', '/readyz')],
  );
  const seen = new Set<string>();
  const judge = async ([operationId, status, run]: Case): Promise<void> => {
    const answer = await run();
    expect(answer.status, `${operationId} ${status}`).toBe(status);
    expect(await faultsOfAnswer(operationId, answer), `${operationId} ${status}`).toEqual([]);
    seen.add(`${operationId} ${status}`);
  };
  const events = service.call('GET', '/v1/events');
  for (const one of cases) await judge(one);
  await judge(['streamEvents', 200, async () => beginning(await events)]);

  const open = await narrow.call('GET', '/v1/events');
  const narrowTask = await narrow.submit(body);
  await judge(['streamEvents', 503, () => narrow.call('GET', '/v1/events')]);
  await judge(['streamTask', 503, () => narrow.call('GET', `/v1/tasks/${narrowTask}/stream`)]);
  await open.body?.cancel();

  await service.submit({ prompt: HANGING_PROMPT });
  await service.submit({ prompt: HANGING_PROMPT });
  await judge(['submitTask', 429, () => call('submitTask', { body })]);
  await judge(['submitTask', 422, () => call('submitTask', { body: { ...body, priority: 'batch', deadline_ms: 1 } })]);

  const documented = [...operationsOfContract().values()].flatMap(({ operationId, responses }) =>
    Object.keys(responses).map((status) => `${operationId} ${status}`),
  );
  const unseen = documented.filter((pair) => !seen.has(pair) && !NOT_PROVOKED.includes(pair.split(' ')[1] ?? ''));
  expect(unseen).toEqual([]);
});

verifies('ORCH-2402', 'an answer that is not in the contract is noticed', async () => {
  const headers = { 'x-correlation-id': 'x', 'content-type': 'application/json' };
  const fault = async (status: number, body: unknown, own: Record<string, string> = headers): Promise<number> =>
    (await faultsOfAnswer('getHealth', new Response(JSON.stringify(body), { status, headers: own }))).length;
  expect(await fault(200, { status: 'ok' })).toBe(0);
  expect(await fault(200, { status: 'fine' })).toBeGreaterThan(0);
  expect(await fault(200, { status: 'ok', more: 1 })).toBeGreaterThan(0);
  expect(await fault(201, { status: 'ok' })).toBeGreaterThan(0);
  expect(await fault(200, { status: 'ok' }, { 'content-type': 'application/json' })).toBeGreaterThan(0);
  expect(await fault(200, { status: 'ok' }, { ...headers, 'content-type': 'text/html' })).toBeGreaterThan(0);
});
