// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { end, error, frame, metrics, started, TASK_ID, token } from '../__fixtures__/frames.ts';
import { eventStream, json, scriptedFetch, type Responder } from '../__fixtures__/scripted-fetch.ts';
import { createClient } from '../create-client.ts';
import { OrchApiError } from '../http/orch-api-error.ts';
import { OrchConnectionError } from '../http/orch-connection-error.ts';
import type { TaskFrame } from './task-frame.ts';
import type { TaskStream } from './task-stream.ts';

const baseUrl = 'http://127.0.0.1:8080';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function follow(...responders: readonly Responder[]): {
  readonly stream: TaskStream;
  readonly resumedFrom: () => readonly (string | null)[];
} {
  const script = scriptedFetch(...responders);
  return {
    stream: createClient({ baseUrl, fetch: script.fetch }).stream(TASK_ID),
    resumedFrom: () => script.requests.map((request) => request.headers.get('Last-Event-ID')),
  };
}

/** Reads to the end while every back-off passes at once. */
async function readAll(stream: AsyncIterable<TaskFrame>): Promise<readonly TaskFrame[]> {
  const frames: TaskFrame[] = [];
  const reading = (async () => {
    for await (const each of stream) frames.push(each);
  })();
  reading.catch(() => undefined); // Looked at below, once the timers have run.
  await vi.runAllTimersAsync();
  await reading;
  return frames;
}

const told = (frames: readonly TaskFrame[]): readonly string[] => frames.map(({ event, seq }) => `${event} ${seq}`);
const unavailable = { code: 'TOO_MANY_STREAMS', message: 'busy', retriable: true, correlation_id: 'c' };

verifies('ORCH-2510', 'frames come typed, in order, and the iteration ends after the last', async () => {
  const { stream } = follow(eventStream([started, metrics(0, 1), token(0), token(1), end(2), token(2)], 'hangs'));
  const frames = await readAll(stream);
  expect(told(frames)).toEqual(['started 0', 'metrics 0', 'token 1', 'token 2', 'end 3']);
  expect(frames[2]).toEqual({ event: 'token', id: '1a2b3c4d:1', seq: 1, data: { t: 'w0 ', i: 0 } });
});

verifies('ORCH-2510', 'a terminal error frame is yielded and does not throw', async () => {
  const { stream } = follow(eventStream([started, error(0, 'WORKER_RESET', true)]));
  expect(told(await readAll(stream))).toEqual(['started 0', 'error 1']);
});

verifies('ORCH-2511', 'a stream cut in any way resumes after the last stored frame', async () => {
  const { stream, resumedFrom } = follow(
    eventStream([started, metrics(0, 3)], 'fails'),
    () => Promise.reject(new TypeError('fetch failed')),
    eventStream([token(0), token(1)], 'ends'),
    eventStream([token(2), end(3)]),
  );
  expect(told(await readAll(stream))).toEqual(['started 0', 'metrics 0', 'token 1', 'token 2', 'token 3', 'end 4']);
  expect(resumedFrom()).toEqual([null, '1a2b3c4d:0', '1a2b3c4d:0', '1a2b3c4d:2']);
});

verifies('ORCH-2512', 'a stored frame that comes again is dropped, live frames are not', async () => {
  const { stream } = follow(
    eventStream([started, token(0), metrics(1, 0), metrics(1, 0)]),
    eventStream([started, token(0), token(1), end(2)]),
  );
  const events = told(await readAll(stream));
  expect(events).toEqual(['started 0', 'token 1', 'metrics 1', 'metrics 1', 'token 2', 'end 3']);
});

verifies('ORCH-2513', 'a broken frame is not yielded and the stream resumes before it', async () => {
  const broken = ['id: 1a2b3c4d:2\nevent: token\ndata: {"t":\n\n', 'id: x\nevent: token\ndata: {}\n\n', token(5)];
  for (const piece of broken) {
    const { stream, resumedFrom } = follow(
      eventStream([started, token(0) + piece + token(1)], 'hangs'),
      eventStream([token(1), end(2)]),
    );
    expect(told(await readAll(stream))).toEqual(['started 0', 'token 1', 'token 2', 'end 3']);
    expect(resumedFrom()).toEqual([null, '1a2b3c4d:1']);
  }
});

verifies('ORCH-2513', 'a cancel and an error may skip numbers', async () => {
  const lost = follow(eventStream([started, error(90, 'STREAM_GAP')]));
  expect(told(await readAll(lost.stream))).toEqual(['started 0', 'error 91']);
  const restarted = follow(eventStream([started, token(0)], 'hangs'), eventStream([error(512, 'WORKER_RESET', true)]));
  const reading = readAll(restarted.stream);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told(await reading)).toEqual(['started 0', 'token 1', 'error 513']);
  const canceled = follow(eventStream([started, token(0), end(7, 'canceled')]));
  expect(told(await readAll(canceled.stream))).toEqual(['started 0', 'token 1', 'end 8']);
});

verifies('ORCH-2514', 'the client waits at least as long as the service asked', async () => {
  const { stream, resumedFrom } = follow(
    json(unavailable, 503, { 'Retry-After': '60', 'X-Backoff-Ms': '59500' }),
    eventStream([started, end(0)]),
  );
  const reading = stream.result();
  await vi.advanceTimersByTimeAsync(59_499);
  expect(resumedFrom()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect((await reading).end.finish_reason).toBe('stop');
});

verifies('ORCH-2514', 'after ten failures in a row the last one is thrown', async () => {
  const { stream, resumedFrom } = follow(...Array<Responder>(10).fill(json(unavailable, 503)));
  await expect(readAll(stream)).rejects.toSatisfy((failure) => OrchConnectionError.is(failure));
  expect(resumedFrom()).toHaveLength(11);
});

verifies('ORCH-2514', 'a new frame starts the count of failures again', async () => {
  const cuts = Array.from({ length: 25 }, (_, i) => eventStream([i === 0 ? started : token(i - 1)], 'fails'));
  const { stream } = follow(...cuts, eventStream([end(24)]));
  expect(await readAll(stream)).toHaveLength(26);
});

verifies('ORCH-2514', 'a connection that lasted is not a failure in a row', async () => {
  const lasting: Responder = (request) => eventStream([': wait\n\n'], 'hangs')(request);
  const { stream } = follow(eventStream([started]), ...Array<Responder>(25).fill(lasting), eventStream([end(0)]));
  expect(told(await readAll(stream))).toEqual(['started 0', 'end 1']);
});

verifies('ORCH-2515', 'a connection silent for 45 seconds is left for a new one', async () => {
  const { stream, resumedFrom } = follow(eventStream([started, ':\n\n'], 'hangs'), eventStream([end(0)]));
  const reading = stream.result();
  await vi.advanceTimersByTimeAsync(44_999);
  expect(resumedFrom()).toEqual([null]);
  await vi.advanceTimersByTimeAsync(251);
  await reading;
  expect(resumedFrom()).toEqual([null, '1a2b3c4d:0']);
});

verifies('ORCH-2515', 'a slow consumer is not taken for a silent service', async () => {
  const { stream, resumedFrom } = follow(eventStream([started, token(0), end(1)], 'hangs'));
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await vi.advanceTimersByTimeAsync(600_000);
  expect((await iterator.next()).value).toMatchObject({ event: 'token' });
  expect((await iterator.next()).value).toMatchObject({ event: 'end' });
  expect(resumedFrom()).toHaveLength(1);
});

verifies('ORCH-2516', 'a refusal for good ends the iteration at once', async () => {
  const gone = { code: 'STREAM_GAP', message: 'gone', retriable: false, correlation_id: 'c' };
  const { stream, resumedFrom } = follow(eventStream([started]), json(gone, 410), eventStream([end(0)]));
  await expect(readAll(stream)).rejects.toMatchObject({ code: 'STREAM_GAP', status: 410 });
  expect(resumedFrom()).toHaveLength(2);
});

verifies('ORCH-2516', 'a page in place of the stream ends the iteration', async () => {
  const { stream } = follow(() => new Response('<html>', { headers: { 'Content-Type': 'text/html' } }));
  await expect(readAll(stream)).rejects.toSatisfy((failure) => OrchApiError.is(failure));
});

verifies(
  ['ORCH-2517', 'ORCH-2505'],
  'leaving the loop and aborting both close the connection and leave no timer',
  async () => {
    const opened: Request[] = [];
    const hanging: Responder = (request) => {
      opened.push(request);
      return eventStream([started], 'hangs')(request);
    };
    for await (const { event } of follow(hanging).stream) if (event === 'started') break;
    expect(opened[0]?.signal.aborted).toBe(true);

    const reason = new Error('enough');
    const leaving = new AbortController();
    const { fetch } = scriptedFetch(hanging);
    const reading = readAll(createClient({ baseUrl, fetch }).stream(TASK_ID, { signal: leaving.signal }));
    leaving.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  },
);

verifies('ORCH-2505', 'an abort ends the wait between two attempts', async () => {
  const leaving = new AbortController();
  const { fetch } = scriptedFetch();
  const reading = createClient({ baseUrl, fetch }).stream(TASK_ID, { signal: leaving.signal }).result();
  const outcome = expect(reading).rejects.toThrow('enough');
  await vi.advanceTimersByTimeAsync(1);
  leaving.abort(new Error('enough'));
  await outcome;
  expect(vi.getTimerCount()).toBe(0);
});

verifies('ORCH-2518', 'a batch holds the frames of one piece from the network', async () => {
  const half = token(2).length / 2;
  const pieces = [started, token(0) + token(1) + token(2).slice(0, half), token(2).slice(half) + end(3)];
  const batches: (readonly string[])[] = [];
  for await (const batch of follow(eventStream(pieces)).stream.batches()) batches.push(told(batch));
  expect(batches).toEqual([['started 0'], ['token 1', 'token 2'], ['token 3', 'end 4']]);
});

verifies('ORCH-2518', 'a character split between two pieces arrives whole', async () => {
  const bytes = new TextEncoder().encode(started + token(0, '🦙') + end(1));
  const cutAt = bytes.indexOf(0xf0) + 2;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, cutAt));
      controller.enqueue(bytes.slice(cutAt));
      controller.close();
    },
  });
  const { stream } = follow(() => new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }));
  expect((await stream.result()).text).toBe('🦙');
});

verifies('ORCH-2519', 'unknown events are skipped, unknown fields kept', async () => {
  const odd = frame(0, 'weather', { sun: true }) + frame(1, 'token', { t: 'a', i: 0, logprob: -1 });
  const frames = await readAll(follow(eventStream([started, odd, end(1)])).stream);
  expect(told(frames)).toEqual(['started 0', 'token 1', 'end 2']);
  expect(frames[1]?.data).toEqual({ t: 'a', i: 0, logprob: -1 });
});

verifies('ORCH-2531', 'a result is the joined text with the first and the last frame', async () => {
  const { stream } = follow(eventStream([started, token(0), token(1), end(2)]));
  const result = await stream.result();
  expect(result).toMatchObject({ text: 'w0 w1 ', started: { seed: 42 }, end: { tokens_out: 2 } });
});

verifies('ORCH-2531', 'a result of a failed task rejects with its code', async () => {
  const { stream } = follow(eventStream([started, error(0, 'DECODE_TIMEOUT', true)]));
  await expect(stream.result()).rejects.toMatchObject({ code: 'DECODE_TIMEOUT', retriable: true, status: undefined });
});
