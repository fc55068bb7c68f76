// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { openSocket } from '../__fixtures__/raw-http.ts';
import { startTestService } from '../__fixtures__/test-service.ts';

const GOOD = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

verifies(['ORCH-2026', 'ORCH-2040'], 'bytes that are not HTTP are answered with a problem and closed', async () => {
  await using _leaks = watchLeaks();
  await using service = await startTestService();
  const post = 'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const attacks = [
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
    'GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nA\0: b\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n',
    `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`,
    `${post}Content-Length: -1\r\n\r\n`,
    `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${GOOD}`,
    `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${GOOD}`,
    `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${GOOD}`,
  ];
  for (const bytes of attacks) {
    const answer = await service.raw(bytes);
    expect([answer.status, answer.answerCount], bytes).toEqual([400, 1]);
    expect(answer.headers['x-correlation-id'], bytes).toBeTruthy();
    expect(JSON.parse(answer.body), bytes).toMatchObject({
      code: 'INVALID_PARAMS',
      correlation_id: answer.headers['x-correlation-id'],
    });
  }
  expect((await service.raw(GOOD)).status).toBe(200);
});

verifies('ORCH-2026', 'a broken chunk ends the request before it reaches the core', async () => {
  await using service = await startTestService();
  const head = 'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const answer = await service.raw(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{"prompt":"a"}\r\n0\r\n\r\n${GOOD}`);
  expect([answer.status, answer.answerCount]).toEqual([400, 1]);
  expect(await (await service.fetch('/v1/tasks')).json()).toEqual({ tasks: [] });
});

verifies('ORCH-2026', 'headers over the bound are refused with the bound', async () => {
  await using service = await startTestService({ config: { limits: { header_bytes: 4096 } } });
  for (const bytes of [
    `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(8192)}\r\n\r\n`,
    `GET /${'x'.repeat(8192)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  ]) {
    const answer = await service.raw(bytes);
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'HEADERS_TOO_LARGE',
      details: { limit: 4096, unit: 'bytes' },
    });
  }
  expect((await service.raw(GOOD)).status).toBe(200);
});

verifies('ORCH-2025', 'a request that does not arrive in time is told so and closed', async () => {
  await using _leaks = watchLeaks();
  const limits = { headers_timeout_ms: 500, body_timeout_ms: 600, idle_timeout_ms: 100 };
  await using service = await startTestService({ config: { limits } });
  const post =
    'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{';
  const slow = [service.raw('GET /healthz HTTP/1.1\r\nHo'), service.raw(post)];
  expect((await service.raw(GOOD)).status).toBe(200);
  for (const answer of await Promise.all(slow)) {
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'REQUEST_TIMEOUT', retriable: true });
  }
  const idle = await openSocket(service.port);
  idle.resume().write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'close');
});

for (const next of ['', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
  const after = next === '' ? 'a stream began' : 'a stream began and another request waits behind it';
  verifies('ORCH-2026', `bytes after ${after} never reach into it`, async () => {
    await using service = await startTestService();
    const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=9 fault=hang at=1]]' });
    const socket = await openSocket(service.port);
    socket.setEncoding('utf8').write(`GET /v1/tasks/${taskId}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    let text = '';
    socket.on('data', (piece: string) => (text += piece)).on('error', () => undefined);
    while (!text.includes('event: token')) await once(socket, 'data');
    socket.write(`${next}garbage\r\n\r\n`);
    await once(socket, 'close');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text).not.toContain('INVALID_PARAMS');
  });
}

verifies('ORCH-2026', 'bytes that are not HTTP are answered also after a whole answer', async () => {
  await using service = await startTestService();
  const socket = await openSocket(service.port);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  while (!text.includes('ok')) await once(socket, 'data');
  socket.write('garbage\r\n\r\n');
  await once(socket, 'close');
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
});

verifies('ORCH-2028', 'answers that nobody reads cost their connection', async () => {
  const config = { stream: { heartbeat_ms: 50, drain_timeout_ms: 50 }, watchdog: { abort_grace_ms: 50 } };
  await using service = await startTestService({ config });
  const socket = await openSocket(service.port);
  socket.on('error', () => undefined);
  const connectionCount = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  while (connectionCount() < 2) await new Promise((resolve) => setImmediate(resolve));
  // 30 MB of answers: more than the kernel's buffers hold. The client's end stays open, the service's goes.
  socket.write('GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500));
  await once(socket, 'readable');
  while (connectionCount() > 1) await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  expect((await service.raw(GOOD)).status).toBe(200);
});

verifies('ORCH-2026', 'an expectation that is not known is refused', async () => {
  await using service = await startTestService();
  const answer = await service.raw(
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: gold\r\nConnection: close\r\n\r\n',
  );
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'INVALID_PARAMS', details: { field: 'header.expect' } });
});

verifies('ORCH-2040', 'a correlation id is echoed when it is valid and made when it is not', async () => {
  await using service = await startTestService();
  const uuid = /^[0-9a-f-]{36}$/;
  const idOf = async (path: string, id?: string): Promise<string> => {
    const answer = await service.fetch(path, { headers: id === undefined ? {} : { 'x-correlation-id': id } });
    await answer.text();
    return answer.headers.get('x-correlation-id') ?? '';
  };
  for (const path of ['/healthz', '/nowhere', '/v1/tasks?x=1', '/metrics', '/openapi.json']) {
    expect(await idOf(path, 'my-id_1/2')).toBe('my-id_1/2');
    expect(await idOf(path)).toMatch(uuid);
  }
  for (const bad of ['a b', 'x'.repeat(129), 'é']) expect(await idOf('/healthz', bad)).toMatch(uuid);
  expect(await idOf('/healthz', 'x'.repeat(128))).toBe('x'.repeat(128));
  const refused = await service.fetch('/v1/tasks', { method: 'POST', headers: { 'x-correlation-id': 'mine' } });
  expect(await refused.json()).toMatchObject({ correlation_id: 'mine' });
});
