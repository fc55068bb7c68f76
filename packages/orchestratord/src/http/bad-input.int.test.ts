// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { openapiDocument } from '@llama-orch/api-schema';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { postJson, problemOf, startTestService, type TestService } from '../__fixtures__/test-service.ts';

/** Bodies of `POST /v1/tasks` that are JSON and wrong, with the field that is to be named. */
const WRONG_BODIES: readonly (readonly [unknown, string])[] = [
  [null, '$'],
  [[], '$'],
  ['text', '$'],
  [1, '$'],
  [{}, '$.prompt'],
  [{ prompt: 1 }, '$.prompt'],
  [{ prompt: '' }, '$.prompt'],
  [{ prompt: null }, '$.prompt'],
  [{ prompt: ['a'] }, '$.prompt'],
  [{ prompt: 'a', colour: 'red' }, '$.colour'],
  [{ prompt: 'a', Prompt: 'a' }, '$.Prompt'],
  [{ prompt: 'a', __proto__x: 1 }, '$.__proto__x'],
  [{ prompt: 'a', task_id: 'x' }, '$.task_id'],
  [{ prompt: 'a', task_id: 7 }, '$.task_id'],
  [{ prompt: 'a', session_id: '' }, '$.session_id'],
  [{ prompt: 'a', session_id: 'a b' }, '$.session_id'],
  [{ prompt: 'a', session_id: '../../etc' }, '$.session_id'],
  [{ prompt: 'a', session_id: 'x'.repeat(129) }, '$.session_id'],
  [{ prompt: 'a', workload: 'dance' }, '$.workload'],
  [{ prompt: 'a', model_ref: '' }, '$.model_ref'],
  [{ prompt: 'a', engine: '../x' }, '$.engine'],
  [{ prompt: 'a', pool_id: 'A' }, '$.pool_id'],
  [{ prompt: 'a', ctx: 0 }, '$.ctx'],
  [{ prompt: 'a', ctx: 1.5 }, '$.ctx'],
  [{ prompt: 'a', priority: 'urgent' }, '$.priority'],
  [{ prompt: 'a', max_tokens: 0 }, '$.max_tokens'],
  [{ prompt: 'a', max_tokens: -1 }, '$.max_tokens'],
  [{ prompt: 'a', max_tokens: '5' }, '$.max_tokens'],
  [{ prompt: 'a', max_tokens: 1e300 }, '$.max_tokens'],
  [{ prompt: 'a', deadline_ms: 0 }, '$.deadline_ms'],
  [{ prompt: 'a', deadline_ms: 604_800_001 }, '$.deadline_ms'],
  [{ prompt: 'a', expected_tokens: 0 }, '$.expected_tokens'],
  [{ prompt: 'a', seed: -1 }, '$.seed'],
  [{ prompt: 'a', seed: 4_294_967_295 }, '$.seed'],
  [{ prompt: 'a', seed: 0.5 }, '$.seed'],
  [{ prompt: 'a', determinism: true }, '$.determinism'],
  [{ prompt: 'a', sampler_profile_version: 'A B' }, '$.sampler_profile_version'],
  [{ prompt: 'a', temperature: -0.1 }, '$.temperature'],
  [{ prompt: 'a', temperature: 5.1 }, '$.temperature'],
  [{ prompt: 'a', top_p: 0 }, '$.top_p'],
  [{ prompt: 'a', top_p: 1.1 }, '$.top_p'],
  [{ prompt: 'a', top_k: -1 }, '$.top_k'],
  [{ prompt: 'a', min_p: 2 }, '$.min_p'],
  [{ prompt: 'a', repeat_penalty: 0 }, '$.repeat_penalty'],
  [{ prompt: 'a', presence_penalty: -3 }, '$.presence_penalty'],
  [{ prompt: 'a', frequency_penalty: 3 }, '$.frequency_penalty'],
  [{ prompt: 'a', stop: 'x' }, '$.stop'],
  [{ prompt: 'a', stop: [''] }, '$.stop[0]'],
  [{ prompt: 'a', stop: Array(17).fill('x') }, '$.stop'],
  [{ prompt: 'a', response_format: 'json' }, '$.response_format'],
  [{ prompt: 'a', response_format: { type: 'json_schema' } }, '$.response_format.schema'],
  [{ prompt: 'a', response_format: { type: 'json_schema', schema: 1 } }, '$.response_format.schema'],
  [{ prompt: 'a', kv_hint: 'hot' }, '$.kv_hint'],
  [{ prompt: 'a', output_mode: 'xml' }, '$.output_mode'],
  [{ prompt: 'a', on_disconnect: 'die' }, '$.on_disconnect'],
  [{ prompt: 'a', metadata: { a: 1 } }, '$.metadata.a'],
  [{ prompt: 'a', metadata: [] }, '$.metadata'],
  [{ prompt: 'a', metadata: { ['k'.repeat(65)]: 'x' } }, '$.metadata'],
  [{ messages: [] }, '$.messages'],
  [{ messages: [{ role: 'god', content: 'x' }] }, '$.messages[0].role'],
  [{ messages: [{ role: 'user' }] }, '$.messages[0].content'],
  [
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'user', content: 1 },
      ],
    },
    '$.messages[1].content',
  ],
  [{ messages: [{ role: 'user', content: 'x', name: 'y' }] }, '$.messages[0].name'],
  [{ messages: [{ role: 'user', content: 'x' }], tools: [{ name: 'a b', parameters: {} }] }, '$.tools[0].name'],
  [{ inputs: [1] }, '$.inputs[0]'],
];

/** Texts that are not JSON as it should be, with code and field. */
const WRONG_TEXTS: readonly (readonly [string | Buffer, string, string])[] = [
  ['', 'INVALID_PARAMS', '$'],
  ['{', 'INVALID_PARAMS', '$'],
  ['{"prompt":"a"}x', 'INVALID_PARAMS', '$'],
  ["{'prompt':'a'}", 'INVALID_PARAMS', '$'],
  ['{"prompt":NaN}', 'INVALID_PARAMS', '$'],
  ['\ufeff{"prompt":"a"}', 'INVALID_PARAMS', '$'],
  ['{"prompt":"a","prompt":"b"}', 'INVALID_PARAMS', '$.prompt'],
  ['{"messages":[{"role":"user","content":"a","role":"system"}]}', 'INVALID_PARAMS', '$.messages[0].role'],
  [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'INVALID_PARAMS', '$'],
  [
    Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    'INVALID_PARAMS',
    '$',
  ],
  ['['.repeat(100_000), 'PAYLOAD_TOO_LARGE', '$'],
  [`{"prompt":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 'PAYLOAD_TOO_LARGE', '$'],
  [`[${'0,'.repeat(70_000)}0]`, 'PAYLOAD_TOO_LARGE', '$'],
];

async function expectServes(service: TestService): Promise<void> {
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=1]]' });
  expect(await service.stream(taskId)).toContain('event: end');
}

/** Nothing but the tasks that `expectServes` made is there. */
async function expectTaskCount(service: TestService, count: number): Promise<void> {
  const page = (await (await service.fetch('/v1/tasks?limit=500')).json()) as { tasks: unknown[] };
  expect(page.tasks).toHaveLength(count);
}

verifies(['ORCH-2023', 'ORCH-2024', 'ORCH-2102'], 'a wrong body is refused by the field that is wrong', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  for (const [body, field] of WRONG_BODIES) {
    const answer = await postJson(service.fetch, body === 'text' ? '"text"' : body);
    const name = JSON.stringify(body);
    const { code, details, message } = await problemOf(answer);
    expect([answer.status, code, details?.field], name).toEqual([400, 'INVALID_PARAMS', field]);
    expect(details?.expected, name).toBeTypeOf('string');
    expect(message, name).not.toContain('urgent');
  }
  await expectServes(service);
  await expectTaskCount(service, 1);
});

verifies(['ORCH-2020', 'ORCH-2022'], 'text that is not JSON in UTF-8 is refused', async () => {
  await using service = await startTestService();
  for (const [body, code, field] of WRONG_TEXTS) {
    const headers = { 'content-type': 'application/json' };
    const answer = await service.fetch('/v1/tasks', { method: 'POST', headers, body });
    const problem = await problemOf(answer);
    expect([problem.code, problem.details?.field], String(body).slice(0, 60)).toEqual([code, field]);
  }
  await expectServes(service);
  await expectTaskCount(service, 1);
});

verifies('ORCH-2020', 'another media type, charset or content coding is refused by its header', async () => {
  await using service = await startTestService();
  const body = '{"prompt":"a"}';
  const post = (headers: Record<string, string>): Promise<Response> =>
    service.fetch('/v1/tasks', { method: 'POST', headers, body });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonx',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-8; a=b',
  ]) {
    const answer = await post({ 'content-type': type });
    expect([answer.status, (await problemOf(answer)).details?.field], type).toEqual([415, 'header.content-type']);
  }
  for (const coding of ['gzip', 'br', 'identity', 'x']) {
    const answer = await post({ 'content-type': 'application/json', 'content-encoding': coding });
    expect([answer.status, (await problemOf(answer)).details?.field], coding).toEqual([415, 'header.content-encoding']);
  }
  for (const type of ['application/json', 'Application/JSON; Charset=UTF-8', 'application/json;charset="utf-8"']) {
    expect((await post({ 'content-type': type })).status, type).toBe(202);
  }
});

verifies('ORCH-2020', 'a body that is not there is no JSON', async () => {
  await using service = await startTestService();
  for (const length of ['', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n']) {
    const head = `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const end = length.startsWith('T') ? '0\r\n\r\n' : '';
    const { status, body } = await service.raw(`${head}${length}\r\n${end}`);
    expect([status, body.includes('INVALID_PARAMS')], length).toEqual([400, true]);
  }
});

verifies('ORCH-2027', 'what plain curl sends is read as JSON, what a page sends is not', async () => {
  await using service = await startTestService();
  const post = async (lines: string, body = '{"prompt":"a"}'): Promise<number> => {
    const head = `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${body.length}\r\n`;
    return (await service.raw(`${head}${lines}\r\n${body}`)).status;
  };
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
  expect(await post(form)).toBe(202);
  expect(await post(form, 'prompt=a')).toBe(400);
  for (const line of [
    'Origin: http://localhost',
    'Sec-Fetch-Site: none',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: x',
  ]) {
    expect(await post(`${form}${line}\r\n`), line).toBe(415);
  }
  expect(await post('Content-Type: text/plain\r\n')).toBe(415);
  expect(await post('')).toBe(415);
});

verifies('ORCH-2021', 'a body over the bound is refused, declared or not', async () => {
  await using service = await startTestService({ config: { limits: { body_bytes: 2048 } } });
  const prompt = 'x'.repeat(4096);
  const declared = await postJson(service.fetch, { prompt });
  expect(await problemOf(declared)).toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    details: { limit: 2048, unit: 'bytes' },
  });
  const headers = { 'content-type': 'application/json' };
  const pieces = new Blob([JSON.stringify({ prompt })]).stream();
  const init = { method: 'POST', headers, body: pieces, duplex: 'half' } as RequestInit;
  const chunked = await service.fetch('/v1/tasks', init);
  expect([chunked.status, (await problemOf(chunked)).code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  await expectServes(service);
  await expectTaskCount(service, 1);
});

verifies(['ORCH-2023', 'ORCH-2024'], 'every operation refuses wrong ids, queries and bodies', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=1]]', session_id: 's' });
  const artifactId = `sha256:${'0'.repeat(64)}`;
  const modelId = '0'.repeat(16);
  const good: Record<string, string> = {
    task_id: taskId,
    session_id: 's',
    pool_id: 'mock',
    artifact_id: artifactId,
    model_id: modelId,
  };
  const bad: Record<string, readonly string[]> = {
    task_id: ['x', '1', taskId.slice(1), `${taskId}0`, '%00', '..%2f..', '%e2%82'],
    session_id: ['a%20b', '%2e%2e%2fx', 'x'.repeat(129), '%ff'],
    artifact_id: [artifactId.slice(1), artifactId.toUpperCase(), `${artifactId}0`, '%2e%2e%2fx', `${artifactId}%00`],
    pool_id: ['UPPER', '-x', 'x'.repeat(65), '%0a'],
    model_id: ['x', `${modelId}0`, modelId.slice(1), 'F'.repeat(16), '%2e%2e%2fx'],
  };
  const paths = openapiDocument['paths'] as Record<string, Record<string, { requestBody?: object }>>;
  for (const [template, item] of Object.entries(paths)) {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => good[name] ?? '');
    for (const [method, operation] of Object.entries(item)) {
      if (method === 'parameters') continue;
      const call = async (target: string, init: RequestInit = {}): Promise<unknown[]> => {
        const answer = await service.fetch(target, { method: method.toUpperCase(), ...init });
        const { code, details } = await problemOf(answer);
        return [answer.status, code, details?.field];
      };
      expect(await call(`${path}?x=1`), `${method} ${path}?x=1`).toEqual([400, 'INVALID_PARAMS', 'query.x']);
      expect(await call(`${path}?x=1&x=2`), `${method} ${path}`).toEqual([400, 'INVALID_PARAMS', 'query.x']);
      if (operation.requestBody === undefined && method !== 'get') {
        expect(await call(path, { body: '{}' }), `${method} ${path} {}`).toEqual([400, 'INVALID_PARAMS', '$']);
      }
      for (const name of names) {
        for (const value of bad[name] ?? []) {
          const target = template.replace(`{${name}}`, value);
          const [status, code, field] = await call(target);
          expect([status, code], `${method} ${target}`).toEqual([400, 'INVALID_PARAMS']);
          expect(['path', `path.${name}`], `${method} ${target}`).toContain(field);
        }
      }
    }
  }
  await expectServes(service);
});

verifies('ORCH-2024', 'every query parameter of the list is checked', async () => {
  await using service = await startTestService();
  const cases = [
    ['state', 'sleeping'],
    ['pool_id', 'A'],
    ['session_id', 'a%20b'],
    ['priority', 'urgent'],
    ['limit', '0'],
    ['limit', '501'],
    ['limit', 'x'],
    ['limit', '1.5'],
    ['cursor', ''],
    ['cursor', 'a%20b'],
    ['cursor', 'x'.repeat(257)],
  ] as const;
  for (const [name, value] of cases) {
    const answer = await service.fetch(`/v1/tasks?${name}=${value}`);
    const { code, details } = await problemOf(answer);
    expect([answer.status, code, details?.field], `${name}=${value}`).toEqual([400, 'INVALID_PARAMS', `query.${name}`]);
  }
});

verifies('ORCH-2043', 'unknown paths, methods and HEAD are answered as they should', async () => {
  await using service = await startTestService();
  for (const path of [
    '/',
    '/v1',
    '/v1/tasks/',
    '/V1/tasks',
    '/v1/task',
    `/v1/tasks/${randomUUID()}/stream/`,
    '/v1//tasks',
  ]) {
    const answer = await service.fetch(path);
    expect([answer.status, (await problemOf(answer)).code], path).toEqual([404, 'NOT_FOUND']);
  }
  const wrongMethod = await service.fetch('/v1/tasks', { method: 'DELETE' });
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST, GET']);
  expect((await problemOf(wrongMethod)).code).toBe('METHOD_NOT_ALLOWED');
  const head = await service.fetch('/v1/pools', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const { task_id: taskId } = await service.submit({ prompt: 'hi' });
  for (const path of [`/v1/tasks/${taskId}/stream`, '/v1/events']) {
    const stream = await service.fetch(path, { method: 'HEAD' });
    expect([stream.status, stream.headers.get('allow')], path).toEqual([405, 'GET']);
  }
});
