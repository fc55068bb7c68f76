// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { schemaValidators } from '@llama-orch/api-schema';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { openSocket } from '../../__fixtures__/raw-http.ts';
import { framesOf, readUntil, storedFramesOf, textOf } from '../../__fixtures__/sse-frames.ts';
import { problemOf, startTestService, type TestService } from '../../__fixtures__/test-service.ts';

const HANG_AFTER_3 = '[[mock tokens=9 fault=hang at=3]]';
const validators = {
  started: schemaValidators.StartedFrame,
  token: schemaValidators.TokenFrame,
  metrics: schemaValidators.MetricsFrame,
  end: schemaValidators.EndFrame,
  error: schemaValidators.ErrorFrame,
} as Record<string, (data: unknown) => boolean>;

async function openStreams(service: TestService): Promise<number> {
  const text = await (await service.fetch('/metrics')).text();
  return Number(/^streams_open (\d+)$/m.exec(text)?.[1]);
}

/** Waits, without sleeping, until the service has noticed that readers left. */
async function untilOpenStreams(service: TestService, count: number): Promise<void> {
  for (let tries = 0; (await openStreams(service)) !== count; tries++) {
    if (tries > 20_000) throw new Error(`There are never ${count} open streams.`);
  }
}

verifies(
  ['ORCH-2130', 'ORCH-2136'],
  'a stream is started, tokens and one terminal frame, each fit the contract',
  async () => {
    await using _leaks = watchLeaks();
    await using service = await startTestService();
    for (const prompt of ['hi', '[[mock tokens=4 fault=crash at=2]]']) {
      const { task_id: taskId, job_id: jobId } = await service.submit({ prompt });
      const answer = await service.fetch(`/v1/tasks/${taskId}/stream`);
      expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(answer.headers.get('cache-control')).toContain('no-store');
      expect(answer.headers.get('content-encoding')).toBeNull();
      const text = await answer.text();
      for (const { event, data } of framesOf(text))
        expect(validators[event]?.(data), `${event} ${JSON.stringify(data)}`).toBe(true);
      const stored = storedFramesOf(text);
      expect(stored.map(({ id }) => id)).toEqual(stored.map((_, seq) => `${jobId.slice(0, 8)}:${seq}`));
      expect(stored[0]?.event).toBe('started');
      const tokens = stored.slice(1, -1);
      expect(tokens.map(({ event, data }) => [event, data['i']])).toEqual(tokens.map((_, i) => ['token', i]));
      expect(stored.at(-1)?.event).toBe(prompt === 'hi' ? 'end' : 'error');
      expect(text.endsWith('\n\n')).toBe(true);
    }
  },
);

verifies('ORCH-2130', 'a client of HTTP/1.0 gets the same frames without chunks', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: 'hi' });
  const text = await service.stream(taskId);
  const { body, headers } = await service.raw(`GET /v1/tasks/${taskId}/stream HTTP/1.0\r\nHost: localhost\r\n\r\n`);
  expect(headers['transfer-encoding']).toBeUndefined();
  expect(storedFramesOf(body)).toEqual(storedFramesOf(text));
});

verifies('ORCH-2134', 'a resume gives byte for byte what was missed', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=6]]' });
  await service.stream(taskId);
  const whole = storedFramesOf(await service.stream(taskId));
  for (const [index, { id }] of whole.entries()) {
    expect(storedFramesOf(await service.stream(taskId, { 'last-event-id': id }))).toEqual(whole.slice(index + 1));
  }
});

verifies('ORCH-2134', 'a resume that cannot be kept is refused', async () => {
  await using service = await startTestService();
  const { task_id: taskId, job_id: jobId } = await service.submit({ prompt: 'hi' });
  const other = await service.submit({ prompt: 'ho' });
  await service.stream(taskId);
  const tag = jobId.slice(0, 8);
  const refusal = async (id: string): Promise<unknown[]> => {
    const answer = await service.fetch(`/v1/tasks/${taskId}/stream`, { headers: { 'last-event-id': id } });
    const { code, details } = await problemOf(answer);
    return [answer.status, code, code === 'INVALID_PARAMS' ? details?.field : undefined];
  };
  for (const id of [
    '',
    'x',
    tag,
    `${tag}:`,
    `${tag}:-1`,
    `${tag}:1.5`,
    `${tag}:01`,
    `${tag}:99999999999`,
    `x${tag}:1`,
  ]) {
    expect(await refusal(id), id).toEqual([400, 'INVALID_PARAMS', 'header.last-event-id']);
  }
  expect(await refusal(`${tag}:5000`)).toEqual([409, 'TASK_CONFLICT', undefined]);
  expect(await refusal(`${other.job_id.slice(0, 8)}:1`)).toEqual([409, 'TASK_CONFLICT', undefined]);
});

verifies('ORCH-2134', 'frames that are no longer held are a gap, never silence', async () => {
  await using service = await startTestService({ config: { stream: { buffer_bytes: 1024 } } });
  const { task_id: taskId, job_id: jobId } = await service.submit({ prompt: '[[mock tokens=500]]', max_tokens: 500 });
  for (let state = ''; state !== 'completed';) {
    state = ((await (await service.fetch(`/v1/tasks/${taskId}`)).json()) as { state: string }).state;
  }
  const answer = await service.fetch(`/v1/tasks/${taskId}/stream`, {
    headers: { 'last-event-id': `${jobId.slice(0, 8)}:1` },
  });
  expect(answer.status).toBe(410);
  expect((await problemOf(answer)).code).toBe('STREAM_GAP');
});

verifies('ORCH-2139', 'all readers see the same frames, whenever they join', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=20 delay_ms=2]]' });
  const early = [service.stream(taskId), service.stream(taskId)];
  await readUntil(await service.fetch(`/v1/tasks/${taskId}/stream`), 'token');
  const texts = await Promise.all([...early, service.stream(taskId)]);
  const [first = [], ...others] = [...texts, await service.stream(taskId)].map(storedFramesOf);
  expect(first).toHaveLength(22);
  for (const frames of others) expect(frames).toEqual(first);
});

verifies('ORCH-2138', 'a reader that leaves gives its place back and the task goes on', async () => {
  await using service = await startTestService();
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=30 delay_ms=3]]' });
  const reader = await service.fetch(`/v1/tasks/${taskId}/stream`);
  await readUntil(reader, 'token');
  await untilOpenStreams(service, 0);
  expect(storedFramesOf(await service.stream(taskId))).toHaveLength(32);
});

verifies('ORCH-2137', 'one stream too many is refused and a place that is free again is given', async () => {
  await using service = await startTestService({ config: { limits: { open_streams: 2 } } });
  const { task_id: taskId } = await service.submit({ prompt: HANG_AFTER_3 });
  const path = `/v1/tasks/${taskId}/stream`;
  const first = await service.fetch(path);
  const second = await service.fetch('/v1/events');
  for (const refusedPath of [path, '/v1/events']) {
    const refused = await service.fetch(refusedPath);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemOf(refused)).toMatchObject({
      code: 'TOO_MANY_STREAMS',
      details: { limit: 2, unit: 'streams' },
    });
  }
  expect((await service.fetch(`/v1/tasks/${taskId}`)).status).toBe(200);
  await second.body?.cancel();
  await untilOpenStreams(service, 1);
  expect((await service.fetch(path)).status).toBe(200);
  await first.body?.cancel();
});

verifies('ORCH-2137', 'a refused stream takes no place', async () => {
  await using service = await startTestService({ config: { limits: { open_streams: 1 } } });
  for (let i = 0; i < 3; i++) expect((await service.fetch(`/v1/tasks/${randomUUID()}/stream`)).status).toBe(404);
  const { task_id: taskId } = await service.submit({ prompt: 'hi' });
  for (let i = 0; i < 3; i++) expect(await service.stream(taskId)).toContain('event: end');
});

verifies('ORCH-2135', 'a silent stream gets comment lines and they are no frames', async () => {
  await using service = await startTestService({ config: { stream: { heartbeat_ms: 20, live_interval_ms: 600_000 } } });
  const { task_id: taskId } = await service.submit({ prompt: HANG_AFTER_3 });
  const answer = await service.fetch(`/v1/tasks/${taskId}/stream`);
  let text = '';
  for await (const bytes of answer.body ?? new ReadableStream<Uint8Array>()) {
    text += new TextDecoder().decode(bytes as Uint8Array);
    // Counted from the last token on: a busy machine may be silent before it.
    const silent = text.split('"i":2}')[1] ?? '';
    if (silent.split('\n\n').filter((block) => block === ':').length >= 3) break;
  }
  expect(storedFramesOf(text).map(({ event }) => event)).toEqual(['started', 'token', 'token', 'token']);
});

verifies('ORCH-2131', 'tokens of one engine wake-up leave in one write', async () => {
  await using service = await startTestService({ pool: { options: { burst: 64 } } });
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=64 start_ms=50]]', max_tokens: 64 });
  const socket = await openSocket(service.port);
  socket.setEncoding('utf8').write(`GET /v1/tasks/${taskId}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  let text = '';
  while (!text.includes('event: end')) text += String((await once(socket, 'data'))[0]);
  socket.destroy();
  // One HTTP chunk per write.
  const chunks = [...text.matchAll(/^[0-9a-f]+\r\n(id: [^\r]*)\r\n/gms)].map(([, frames = '']) => frames);
  const withTokens = chunks.filter((frames) => frames.includes('event: token'));
  expect(withTokens).toHaveLength(1);
  expect(textOf(withTokens[0] ?? '').split(' ')).toHaveLength(64);
});

verifies(['ORCH-2132', 'ORCH-2133'], 'a reader that stops reading loses its connection, not the task', async () => {
  await using _leaks = watchLeaks();
  const stream = { client_buffer_bytes: 1024, drain_timeout_ms: 1_000, buffer_bytes: 64 * 1024 * 1024 };
  await using service = await startTestService({
    config: { stream },
    pool: { max_tokens_out: 1_000_000, options: { burst: 1000 } },
  });
  const { task_id: taskId } = await service.submit({ prompt: '[[mock tokens=400000]]', max_tokens: 400_000 });
  const lazy = await openSocket(service.port);
  lazy.on('error', () => undefined);
  lazy.write(`GET /v1/tasks/${taskId}/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  // Takes the first bytes and no more; the task fills the kernel's buffers.
  await once(lazy, 'readable');
  await untilOpenStreams(service, 0);
  lazy.destroy();
  const frames = storedFramesOf(await service.stream(taskId));
  expect(frames).toHaveLength(400_002);
  expect(frames.at(-1)?.event).toBe('end');
});
