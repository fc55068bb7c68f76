// SPDX-License-Identifier: MIT
import { createHash, randomUUID } from 'node:crypto';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { problemOf, startTestService, type TestService } from '../__fixtures__/test-service.ts';

const TOKEN = 'canary-token-0123456789';
const env = { LLORCH_API_TOKEN: TOKEN };

async function codeOf(service: TestService, lines: string, request = 'GET /v1/tasks'): Promise<string> {
  const answer = await service.raw(`${request} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  if (answer.status === 200) return 'ok';
  const { code, details } = JSON.parse(answer.body) as { code: string; details?: { field?: string } };
  return `${code} ${details?.field ?? ''}`;
}

verifies('ORCH-2063', 'only the names of this service are answered, on every method and path', async () => {
  await using service = await startTestService({ config: { listen: { allowed_hosts: ['box.lan'] } } });
  for (const host of ['localhost', `localhost:${service.port}`, '127.0.0.1:1', '[::1]:80', 'LOCALHOST', 'box.lan:99']) {
    expect(await codeOf(service, `Host: ${host}\r\n`), host).toBe('ok');
  }
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil',
    '192.168.1.1',
    '',
    'localhost@evil',
    'a b',
    '[::2]',
  ]) {
    for (const request of ['GET /v1/tasks', 'POST /v1/tasks', 'DELETE /nowhere', 'GET /healthz', 'OPTIONS /v1/tasks']) {
      expect(await codeOf(service, `Host: ${host}\r\n`, request), host).toBe('FOREIGN_ORIGIN header.host');
    }
  }
  expect(await codeOf(service, '')).toBe('INVALID_PARAMS header.host');
  expect(await codeOf(service, 'Host: localhost\r\nHost: evil.example\r\n')).toMatch(/^INVALID_PARAMS/);
});

verifies('ORCH-2063', 'a service on every address is known by the one that was called, not by a wildcard', async () => {
  await using service = await startTestService({ env, config: { listen: { host: '0.0.0.0' } } });
  const token = `Authorization: Bearer ${TOKEN}\r\n`;
  expect(await codeOf(service, `${token}Host: 127.0.0.1:${service.port}\r\n`)).toBe('ok');
  expect(await codeOf(service, `${token}Host: 0.0.0.0:${service.port}\r\n`)).toBe('FOREIGN_ORIGIN header.host');
});

verifies('ORCH-2063', 'a page of another site cannot drive the service', async () => {
  await using service = await startTestService();
  const host = `127.0.0.1:${service.port}`;
  const own = `Host: ${host}\r\n`;
  for (const origin of [
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost',
    `http://${host}.evil`,
  ]) {
    expect(await codeOf(service, `${own}Origin: ${origin}\r\n`), origin).toBe('FOREIGN_ORIGIN header.origin');
  }
  expect(await codeOf(service, `${own}Origin: http://${host}\r\n`)).toBe('ok');
  for (const site of ['cross-site', 'same-site']) {
    expect(await codeOf(service, `${own}Sec-Fetch-Site: ${site}\r\n`)).toBe('FOREIGN_ORIGIN header.sec-fetch-site');
  }
  for (const site of ['same-origin', 'none'])
    expect(await codeOf(service, `${own}Sec-Fetch-Site: ${site}\r\n`)).toBe('ok');
});

verifies('ORCH-2061', 'with a token set, every other operation asks for it', async () => {
  await using service = await startTestService({ env });
  const missing = await service.fetch('/v1/tasks');
  expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect((await problemOf(missing)).code).toBe('MISSING_TOKEN');
  const cases = [
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    'Bearer',
    'Bearer  ',
    `Basic ${TOKEN}`,
    TOKEN,
    "Bearer ' OR 1=1",
  ];
  for (const authorization of cases) {
    const answer = await service.fetch('/v1/tasks', { headers: { authorization } });
    expect([answer.status, (await problemOf(answer)).code], authorization).toEqual([403, 'BAD_TOKEN']);
  }
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`]) {
    expect((await service.fetch('/v1/tasks', { headers: { authorization } })).status).toBe(200);
  }
  for (const path of ['/metrics', '/openapi.json', '/v1/events', `/v1/tasks/${randomUUID()}/stream`]) {
    expect((await service.fetch(path)).status, path).toBe(401);
  }
});

verifies('ORCH-2064', 'without a token nothing tells what exists', async () => {
  await using service = await startTestService({ env });
  const answers = new Set<string>();
  for (const [method, path] of [
    ['GET', '/v1/tasks'],
    ['DELETE', '/v1/tasks'],
    ['GET', '/nowhere'],
    ['GET', `/v1/tasks/${randomUUID()}`],
    ['POST', '/v1/tasks'],
    ['GET', '/v1/tasks?x=1'],
  ] as const) {
    const answer = await service.fetch(path, { method, headers: { 'x-correlation-id': 'same' } });
    answers.add(`${answer.status} ${await answer.text()}`);
  }
  expect(answers.size).toBe(1);
  const foreign = await service.raw('GET /v1/tasks HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
  expect(JSON.parse(foreign.body)).toMatchObject({ code: 'FOREIGN_ORIGIN' });
});

verifies(['ORCH-2062', 'ORCH-6102'], 'a token is known by six digits in the log and nowhere else', async () => {
  await using service = await startTestService({ env });
  const canary = `canary-prompt-${randomUUID()}`;
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const outputs: string[] = [];
  for (const init of [
    { method: 'POST', headers, body: JSON.stringify({ prompt: canary }) },
    { method: 'POST', headers, body: JSON.stringify({ prompt: canary, [canary.slice(0, 9)]: 1 }) },
    { method: 'POST', headers, body: `{"prompt":"${canary}",` },
    { method: 'POST', headers: { ...headers, authorization: `Bearer ${TOKEN}0` }, body: '{}' },
  ]) {
    const answer = await service.fetch('/v1/tasks', init);
    outputs.push(await answer.text(), JSON.stringify([...answer.headers]));
    const { task_id: taskId } = JSON.parse(outputs.at(-2) ?? '') as { task_id?: string };
    if (taskId !== undefined) await (await service.fetch(`/v1/tasks/${taskId}/stream`, { headers })).text();
  }
  outputs.push(await (await service.fetch('/metrics', { headers })).text(), service.logText());
  const all = outputs.join('\n');
  expect(all).not.toContain(TOKEN);
  expect(all).not.toContain(canary);
  const digits = createHash('sha256').update(TOKEN).digest('hex').slice(0, 6);
  expect(service.logText()).toContain(`"identity":"token:${digits}"`);
});
