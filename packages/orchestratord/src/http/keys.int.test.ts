// SPDX-License-Identifier: MIT
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactList, Capabilities, TaskAccepted, TaskList } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { postJson, problemOf, startTestService, type TestService } from '../__fixtures__/test-service.ts';

const NEVER_ENDING = '[[mock tokens=9 fault=hang at=0]]';
const KEYS = { alice: 'alice-canary-0123456789', bob: 'bob-canary-0123456789', boss: 'boss-canary-0123456789' };

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

type Call = TestService['fetch'];

interface Keyed extends AsyncDisposable {
  readonly service: TestService;
  as(name: keyof typeof KEYS): Call;
}

async function startKeyed(limits: Record<string, object> = {}, config: Record<string, unknown> = {}): Promise<Keyed> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'keys-'));
  const file = join(folder.path, 'keys.json');
  const keys = Object.entries(KEYS).map(([id, key]) => ({ id, sha256: digestOf(key), ...limits[id] }));
  const { isolate = true, ...rest } = config;
  await writeFile(file, JSON.stringify({ isolate, keys }));
  const service = await startTestService({
    pool: { slots: 1 },
    config: { auth: { key_file: file }, store: { backend: 'memory' }, ...rest },
  });
  return {
    service,
    as: (name) => (path, init) =>
      service.fetch(path, { ...init, headers: { ...headersOf(init), authorization: `Bearer ${KEYS[name]}` } }),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

function headersOf(init: RequestInit | undefined): Record<string, string> {
  return Object.fromEntries(new Headers(init?.headers));
}

async function accept(call: Call, body: object): Promise<TaskAccepted> {
  const answer = await postJson(call, body);
  expect(answer.status).toBe(202);
  return (await answer.json()) as TaskAccepted;
}

verifies(['ORCH-2065', 'ORCH-2062'], 'only the keys of the file may call, and none is ever shown', async () => {
  await using keyed = await startKeyed();
  const { service, as } = keyed;
  expect((await service.fetch('/v1/tasks')).status).toBe(401);
  const stranger = await service.fetch('/v1/tasks', { headers: { authorization: 'Bearer somebody-else-0123' } });
  expect([stranger.status, (await problemOf(stranger)).code]).toEqual([403, 'BAD_TOKEN']);
  const byDigest = { authorization: `Bearer ${digestOf(KEYS.alice)}` };
  expect((await service.fetch('/v1/tasks', { headers: byDigest })).status).toBe(403);
  const { task_id: taskId } = await accept(as('alice'), { prompt: 'hi' });
  await (await as('alice')(`/v1/tasks/${taskId}/stream`)).text();
  const log = service.logText();
  expect(log).toContain(`"identity":"token:${digestOf(KEYS.alice).slice(0, 6)}"`);
  for (const text of [log, await (await as('alice')('/metrics')).text()]) {
    for (const key of Object.values(KEYS)) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(digestOf(key));
    }
  }
});

verifies(
  'ORCH-2066',
  "another key's tasks and sessions are as if they were not there, but an operator sees all",
  async () => {
    await using keyed = await startKeyed({ boss: { operator: true } });
    const { as } = keyed;
    const body = { task_id: randomUUID(), prompt: NEVER_ENDING, session_id: 'talk' };
    await accept(as('alice'), body);
    const path = `/v1/tasks/${body.task_id}`;
    for (const [method, url] of [
      ['GET', path],
      ['GET', `${path}/stream`],
      ['POST', `${path}/cancel`],
      ['GET', '/v1/sessions/talk'],
      ['DELETE', '/v1/sessions/talk'],
    ] as const) {
      expect([url, (await as('bob')(url, { method })).status]).toEqual([url, 404]);
    }
    expect((await postJson(as('bob'), body)).status).toBe(409);
    expect((await postJson(as('alice'), body)).status).toBe(202);
    await accept(as('bob'), { prompt: 'hi', session_id: 'talk' });
    const listOf = async (name: keyof typeof KEYS, query = ''): Promise<TaskList['tasks']> =>
      ((await (await as(name)(`/v1/tasks${query}`)).json()) as TaskList).tasks;
    expect((await listOf('alice')).map(({ task_id: id, session_id: session }) => [id, session])).toEqual([
      [body.task_id, 'talk'],
    ]);
    expect(await listOf('bob', '?session_id=talk')).toHaveLength(1);
    expect((await listOf('boss')).map(({ session_id: session }) => session).sort()).toEqual(['alice:talk', 'bob:talk']);
    expect(await (await as('alice')('/v1/sessions')).json()).toMatchObject({
      sessions: [{ session_id: 'talk', turns: 1 }],
    });
    expect((await as('boss')(`${path}/cancel`, { method: 'POST' })).status).toBe(204);
  },
);

verifies('ORCH-2066', "the trace of another key's job is not shown", async () => {
  await using keyed = await startKeyed();
  const { as } = keyed;
  const { task_id: taskId } = await accept(as('alice'), { prompt: '[[mock tokens=1]]' });
  const listOf = async (name: keyof typeof KEYS): Promise<ArtifactList['artifacts']> =>
    ((await (await as(name)(`/v1/artifacts?task_id=${taskId}`)).json()) as ArtifactList).artifacts;
  let own = await listOf('alice');
  while (own.length === 0) own = await listOf('alice');
  const path = `/v1/artifacts/${own[0]!.artifact_id}`;
  expect(await listOf('bob')).toEqual([]);
  expect([(await as('alice')(path)).status, (await as('bob')(path)).status]).toEqual([200, 404]);
});

verifies('ORCH-2066', 'where keys are not apart, all of them see all tasks', async () => {
  await using keyed = await startKeyed({}, { isolate: false });
  const { task_id: taskId } = await accept(keyed.as('alice'), { prompt: 'hi' });
  expect((await keyed.as('bob')(`/v1/tasks/${taskId}`)).status).toBe(200);
});

verifies(
  'ORCH-1261',
  'a key over its share is told which limit, and when to come back, while the queue has room',
  async () => {
    await using keyed = await startKeyed({
      alice: { queued_tasks: 1 },
      // So few that none comes back between two requests, however slow the machine is.
      bob: { requests_per_minute: 1, burst: 2, priorities: ['batch'], pools: ['mock'] },
    });
    const { as } = keyed;
    const running = await accept(as('alice'), { prompt: NEVER_ENDING });
    const frames = (await as('alice')(`/v1/tasks/${running.task_id}/stream`)).body!.pipeThrough(
      new TextDecoderStream(),
    );
    for await (const text of frames) if (text.includes('"running"')) break;
    await accept(as('alice'), { prompt: NEVER_ENDING });
    const refused = await postJson(as('alice'), { prompt: 'hi' });
    const problem = await problemOf(refused);
    expect([refused.status, problem]).toMatchObject([
      429,
      {
        code: 'RATE_LIMITED',
        policy_label: 'queued_tasks',
        retriable: true,
        details: { limit: 1, unit: 'queued_tasks' },
      },
    ]);
    expect(Number(refused.headers.get('x-backoff-ms'))).toBe(problem.retry_after_ms);
    expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil((problem.retry_after_ms ?? 0) / 1_000));
    const { task_id: taskId } = await accept(as('bob'), { prompt: 'hi' });
    expect(await (await as('bob')(`/v1/tasks/${taskId}`)).json()).toMatchObject({ priority: 'batch' });
    const forbidden = await problemOf(await postJson(as('bob'), { prompt: 'hi', priority: 'interactive' }));
    expect(forbidden).toMatchObject({ code: 'INVALID_PARAMS', details: { field: '$.priority', expected: 'batch' } });
    const tooSoon = await problemOf(await postJson(as('bob'), { prompt: 'hi' }));
    expect(tooSoon).toMatchObject({ code: 'RATE_LIMITED', policy_label: 'requests_per_minute' });
    expect(tooSoon.retry_after_ms).toBeGreaterThan(0);
    expect(tooSoon.retry_after_ms).toBeLessThanOrEqual(60_000);
    await accept(as('boss'), { prompt: 'hi' });
  },
);

verifies('ORCH-1460', "capabilities show the limits of the caller's key, as they are enforced", async () => {
  const alice = { requests_per_minute: 1, queued_tasks: 3, priorities: ['batch'], pools: ['mock'] };
  await using keyed = await startKeyed({ alice, bob: { requests_per_minute: 60, burst: 1 } });
  const limitsOf = async (name: keyof typeof KEYS): Promise<unknown> => {
    const { pools } = (await (await keyed.as(name)('/v1/capabilities')).json()) as Capabilities;
    return pools[0]?.rate_limits;
  };
  expect(await limitsOf('alice')).toEqual({
    allowed: true,
    priorities: ['batch'],
    requests_per_minute: 1,
    burst: 1,
    queued_tasks: 3,
  });
  expect(await limitsOf('bob')).toMatchObject({ requests_per_minute: 60, burst: 1 });
  expect(await limitsOf('boss')).toEqual({ allowed: true, priorities: ['interactive', 'batch'] });
  const call = keyed.as('alice');
  expect((await postJson(call, { prompt: 'hi' })).status).toBe(202);
  expect((await postJson(call, { prompt: 'hi' })).status).toBe(429);
});
