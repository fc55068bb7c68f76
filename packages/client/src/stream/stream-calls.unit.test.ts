// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { end, JOB_ID, started, token } from '../__fixtures__/frames.ts';
import { eventStream, json, scriptedFetch, type Responder } from '../__fixtures__/scripted-fetch.ts';
import { createClient } from '../create-client.ts';
import type { ServiceEvent } from './service-event.ts';

const baseUrl = 'http://127.0.0.1:8080';
const accepted = { job_id: JOB_ID, pool_id: 'haiku', state: 'queued', queue_position: 0, backoff_ms: 0 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

verifies('ORCH-2530', 'a submit whose answer was lost is repeated with the same id and body', async () => {
  const bodies: unknown[] = [];
  const lost: Responder = async (request) => {
    bodies.push(await request.clone().json());
    throw new TypeError('fetch failed');
  };
  const answered: Responder = async (request) => {
    bodies.push(await request.clone().json());
    return json(accepted, 202)(request);
  };
  const { fetch, requests } = scriptedFetch(lost, answered, eventStream([started, token(0), end(1)]));
  const stream = createClient({ baseUrl, fetch }).run({ prompt: 'hi' });
  const reading = stream.result();
  await vi.runAllTimersAsync();
  expect((await reading).text).toBe('w0 ');
  expect(bodies).toEqual([
    { prompt: 'hi', task_id: stream.taskId },
    { prompt: 'hi', task_id: stream.taskId },
  ]);
  expect(new URL(requests[2]!.url).pathname).toBe(`/v1/tasks/${stream.taskId}/stream`);
});

verifies('ORCH-2530', 'a refused submit throws and is not repeated', async () => {
  const full = { code: 'ADMISSION_REJECT', message: 'full', retriable: true, retry_after_ms: 5, correlation_id: 'c' };
  const { fetch, requests } = scriptedFetch(json(full, 429));
  const reading = createClient({ baseUrl, fetch }).run({ prompt: 'hi' }).result();
  await expect(reading).rejects.toMatchObject({ code: 'ADMISSION_REJECT', retryAfterMs: 5 });
  expect(requests).toHaveLength(1);
});

verifies('ORCH-2530', 'a task id that was given is kept', () => {
  const { fetch } = scriptedFetch();
  const task_id = '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1';
  expect(createClient({ baseUrl, fetch }).run({ prompt: 'hi', task_id }).taskId).toBe(task_id);
});

verifies('ORCH-2540', 'events are typed, tell a reconnect and never resume', async () => {
  const changed = `id: 7\nevent: task-changed\ndata: {"at":"2026-11-22T13:30:00.000Z","task_id":"${JOB_ID}","pool_id":"haiku","state":"queued"}\n\n`;
  const { fetch, requests } = scriptedFetch(
    eventStream([changed, 'id: 8\nevent: weather\ndata: {}\n\n'], 'fails'),
    eventStream([changed], 'hangs'),
  );
  const events: ServiceEvent['event'][] = [];
  const reading = (async () => {
    for await (const { event } of createClient({ baseUrl, fetch }).events()) {
      events.push(event);
      if (events.length === 3) return;
    }
  })();
  await vi.advanceTimersByTimeAsync(250);
  await reading;
  expect(events).toEqual(['task-changed', 'reconnected', 'task-changed']);
  expect(requests.map((request) => request.headers.get('Last-Event-ID'))).toEqual([null, null]);
});
