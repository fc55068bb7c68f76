// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { faultsOfAnswer, operationsOfContract } from './contract-check.ts';
import { addModels, modelCases, UNKNOWN_MODEL, USED_MODEL } from './model-cases.ts';
import { poolCases } from './pool-cases.ts';
import { HANGING_PROMPT, startServiceUnderTest, type ServiceUnderTest } from './service-under-test.ts';

const TOKEN = 'a-token-of-the-provider-test';
/** What cannot be brought about from outside: faults of the service itself, and of its disk. */
const NOT_PROVOKED = /^\w+ 500$|^(?:listArtifacts|getArtifact) 503$/;
const UNKNOWN_ARTIFACT = `sha256:${'0'.repeat(64)}`;

/** One call and what it must be answered with. */
type Case = readonly [operationId: string, status: number, call: () => Promise<Response>];

const PATHS: Readonly<Record<string, readonly [method: string, path: string]>> = {
  submitTask: ['POST', '/v1/tasks'],
  listTasks: ['GET', '/v1/tasks'],
  getTask: ['GET', '/v1/tasks/{task}'],
  streamTask: ['GET', '/v1/tasks/{task}/stream'],
  cancelTask: ['POST', '/v1/tasks/{task}/cancel'],
  setTaskPriority: ['POST', '/v1/tasks/{task}/priority'],
  listSessions: ['GET', '/v1/sessions'],
  getSession: ['GET', '/v1/sessions/{session}'],
  deleteSession: ['DELETE', '/v1/sessions/{session}'],
  storeArtifact: ['POST', '/v1/artifacts'],
  listArtifacts: ['GET', '/v1/artifacts'],
  getArtifact: ['GET', '/v1/artifacts/{artifact}'],
  getCapabilities: ['GET', '/v1/capabilities'],
  listPools: ['GET', '/v1/pools'],
  getPoolHealth: ['GET', '/v1/pools/{pool}/health'],
  pausePool: ['POST', '/v1/pools/{pool}/pause'],
  resumePool: ['POST', '/v1/pools/{pool}/resume'],
  drainPool: ['POST', '/v1/pools/{pool}/drain'],
  reloadPool: ['POST', '/v1/pools/{pool}/reload'],
  loadPool: ['POST', '/v1/pools/{pool}/load'],
  unloadPool: ['POST', '/v1/pools/{pool}/unload'],
  reloadConfig: ['POST', '/v1/config/reload'],
  addModel: ['POST', '/v1/catalog/models'],
  listModels: ['GET', '/v1/catalog/models'],
  getModel: ['GET', '/v1/catalog/models/{model}'],
  removeModel: ['DELETE', '/v1/catalog/models/{model}'],
  verifyModel: ['POST', '/v1/catalog/models/{model}/verify'],
  setModelState: ['POST', '/v1/catalog/models/{model}/state'],
  getStore: ['GET', '/v1/store'],
  acknowledgeLostRecords: ['POST', '/v1/store/acknowledge'],
  backUpStore: ['POST', '/v1/store/backup'],
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
  return new Response(await untilText(answer, '\n\n'), { status: answer.status, headers: answer.headers });
}

/** Reads until `end` has come, then lets the connection go. */
async function untilText(answer: Response, end: string): Promise<string> {
  let text = '';
  for await (const bytes of answer.body ?? new ReadableStream<Uint8Array>()) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    if (text.includes(end)) break;
  }
  return text;
}

/** The answer to a submit, once its task no longer waits for anything. */
async function finished(service: ServiceUnderTest, submit: Promise<Response>): Promise<Response> {
  const answer = await submit;
  const { task_id: taskId } = (await answer.clone().json()) as { task_id: string };
  await service.finish(taskId);
  return answer;
}

/** Uploads what must be kept until there is no room for more; the last answer. */
async function fillArtifacts(service: ServiceUnderTest): Promise<Response> {
  const upload = (filler: string): Promise<Response> =>
    service.call('POST', '/v1/artifacts', { body: { kind: 'plan', content: filler.repeat(800), tags: ['kept'] } });
  await upload('a');
  return upload('b');
}

/** Overwrites the stored content of an artifact. */
async function spoil({ artifactDirectory }: ServiceUnderTest, artifactId: string): Promise<void> {
  const digits = artifactId.replace('sha256:', '');
  await writeFile(join(artifactDirectory, 'objects', digits.slice(0, 2), digits.slice(2)), 'something else');
}

verifies(['ORCH-2402', 'ORCH-2401'], 'every status of every operation is seen and fits the contract', async () => {
  const catalog = { allowed_hosts: ['127.0.0.1'], allowed_networks: ['127.0.0.0/8'] };
  await using service = await startServiceUnderTest(
    { sessions: { max_turns: 1 }, queue: { interactive_tasks: 1 }, stream: { buffer_bytes: 1024 }, catalog },
    { model_refs: [USED_MODEL] },
  );
  await using models = await addModels(service);
  await using unusable = await startServiceUnderTest({ catalog: { folder: '/dev/null/models' } });
  await using locked = await startServiceUnderTest({}, {}, TOKEN);
  await using durable = await startServiceUnderTest({ store: { backend: 'sqlite' } });
  await using broken = await startServiceUnderTest({}, { options: { fail_load: true } });
  await using narrow = await startServiceUnderTest({
    limits: { open_streams: 1 },
    artifacts: { max_bytes: 1_024, max_total_bytes: 1_024 },
  });
  const taskId = await service.submit({ prompt: 'hi', session_id: 's' });
  await service.finish(taskId);
  const long = await service.submit({ prompt: '[[mock tokens=500]]', max_tokens: 500 });
  for (let state = ''; state !== 'completed';)
    state = ((await (await service.call('GET', `/v1/tasks/${long}`)).json()) as { state: string }).state;
  const { job_id: longJob } = (await (await service.call('GET', `/v1/tasks/${long}`)).json()) as { job_id: string };
  const plan = { kind: 'plan', content: { steps: ['read'] }, tags: ['kept'] };
  const { artifact_id: artifact } = (await (await service.call('POST', '/v1/artifacts', { body: plan })).json()) as {
    artifact_id: string;
  };
  const known = { task: taskId, session: 's', pool: 'haiku', artifact, model: models.used };
  const call = caller(service, known);
  const body = { prompt: 'hi' };
  const bodies: Readonly<Record<string, { body: unknown }>> = {
    submitTask: { body },
    storeArtifact: { body: plan },
    setTaskPriority: { body: { priority: 'batch' } },
    drainPool: { body: { deadline_ms: 0 } },
    reloadPool: { body: {} },
    addModel: { body: { model_ref: USED_MODEL } },
    setModelState: { body: { state: 'Active' } },
  };
  const used = { task_id: taskId, prompt: 'other' };

  const cases: Case[] = [];
  for (const operationId of operationsOfContract().keys()) {
    const post = bodies[operationId] ?? {};
    cases.push([operationId, 400, () => call(operationId, { ...post, query: '?x=1' })]);
    cases.push([operationId, 403, () => call(operationId, { ...post, headers: { origin: 'https://evil.example' } })]);
    if (['getHealth', 'getReadiness'].includes(operationId)) continue;
    cases.push([operationId, 401, () => caller(locked, known)(operationId, post)]);
  }
  for (const operationId of [
    'listTasks',
    'getTask',
    'streamTask',
    'listSessions',
    'getSession',
    'listArtifacts',
    'getArtifact',
    'getCapabilities',
    'listPools',
    'getPoolHealth',
    'pausePool',
    'resumePool',
    'listModels',
    'getModel',
    'verifyModel',
    'getStore',
    'acknowledgeLostRecords',
    'getHealth',
    'getReadiness',
    'getMetrics',
    'getOpenapi',
  ]) {
    cases.push([operationId, 200, () => call(operationId)]);
  }
  const nowhere = {
    task: randomUUID(),
    session: 'none',
    pool: 'none',
    artifact: UNKNOWN_ARTIFACT,
    model: UNKNOWN_MODEL,
  };
  const ofOne = [
    'getTask',
    'streamTask',
    'cancelTask',
    'getSession',
    'deleteSession',
    'getPoolHealth',
    'getArtifact',
    'getModel',
    'verifyModel',
  ];
  for (const operationId of [...ofOne, 'pausePool', 'resumePool']) {
    cases.push([operationId, 404, () => call(operationId, { ids: nowhere })]);
  }
  cases.push(
    ['submitTask', 200, () => call('submitTask', { body, query: '?dry_run=true' })],
    ['submitTask', 202, () => finished(service, call('submitTask', { body }))],
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
    ['storeArtifact', 200, () => call('storeArtifact', { body: plan })],
    ['storeArtifact', 201, () => call('storeArtifact', { body: { kind: 'plan', content: 'another' } })],
    [
      'storeArtifact',
      404,
      () => call('storeArtifact', { body: { ...plan, content: 'a child', parent: UNKNOWN_ARTIFACT } }),
    ],
    ['storeArtifact', 413, () => call('storeArtifact', { body: '['.repeat(100) })],
    ['storeArtifact', 415, () => call('storeArtifact', { body: 'x', headers: { 'content-type': 'text/plain' } })],
    ['storeArtifact', 422, () => call('storeArtifact', { body: { ...plan, artifact_id: UNKNOWN_ARTIFACT } })],
    ['storeArtifact', 503, () => fillArtifacts(narrow)],
    ['getArtifact', 422, () => spoil(service, artifact).then(() => call('getArtifact'))],
    ['backUpStore', 200, () => durable.call('POST', '/v1/store/backup')],
    ['backUpStore', 404, () => call('backUpStore')],
    ...modelCases(call, models, unusable),
    ...poolCases(call, broken),
    ['cancelTask', 204, () => call('cancelTask')],
    ['setTaskPriority', 404, () => call('setTaskPriority', { ids: nowhere, ...bodies['setTaskPriority'] })],
    ['setTaskPriority', 409, () => call('setTaskPriority', bodies['setTaskPriority'])],
    ['setTaskPriority', 413, () => call('setTaskPriority', { body: '['.repeat(100) })],
    ['setTaskPriority', 415, () => call('setTaskPriority', { body: 'x', headers: { 'content-type': 'text/plain' } })],
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

  // The first takes the slot before the second takes the only place in the queue.
  const running = await service.call('GET', `/v1/tasks/${await service.submit({ prompt: HANGING_PROMPT })}/stream`);
  await untilText(running, 'event: token');
  const waiting = await service.submit({ prompt: HANGING_PROMPT, priority: 'batch' });
  const steer = (priority: string): Promise<Response> =>
    call('setTaskPriority', { ids: { task: waiting }, body: { priority } });
  await judge(['setTaskPriority', 200, () => steer('interactive')]);
  await judge(['setTaskPriority', 200, () => steer('batch')]);
  await service.submit({ prompt: HANGING_PROMPT });
  await judge(['setTaskPriority', 429, () => steer('interactive')]);
  await judge(['submitTask', 429, () => call('submitTask', { body })]);
  await judge(['submitTask', 422, () => call('submitTask', { body: { ...body, priority: 'batch', deadline_ms: 1 } })]);

  const documented = [...operationsOfContract().values()].flatMap(({ operationId, responses }) =>
    Object.keys(responses).map((status) => `${operationId} ${status}`),
  );
  const unseen = documented.filter((pair) => !seen.has(pair) && !NOT_PROVOKED.test(pair));
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
