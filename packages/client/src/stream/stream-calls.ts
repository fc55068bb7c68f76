// SPDX-License-Identifier: MIT
import type { TaskRequest } from '@llama-orch/api-types';
import type { OrchClient } from '../create-client.ts';
import { OrchApiError } from '../http/orch-api-error.ts';
import { OrchConnectionError } from '../http/orch-connection-error.ts';
import type { WireCalls } from '../http/wire-calls.ts';
import type { ReconnectOptions } from './back-off.ts';
import { follow, waitToRetry, type FollowOptions } from './follow.ts';
import { createEventCursor } from './service-event.ts';
import { TaskCursor } from './task-cursor.ts';
import type { TaskFrame } from './task-frame.ts';
import { createTaskStream } from './task-stream.ts';

type Body = ReadableStream<Uint8Array>;

type StreamCalls = Pick<OrchClient, 'stream' | 'run' | 'events'>;

/** Calls that stream. */
export function createStreamCalls(wire: WireCalls, reconnect: ReconnectOptions): StreamCalls {
  const following = (signal?: AbortSignal): FollowOptions => ({ baseUrl: wire.baseUrl, reconnect, signal });
  const followTask = (taskId: string, signal?: AbortSignal): ReturnType<typeof follow<TaskFrame>> =>
    follow(
      new TaskCursor(),
      (lastEventId, each) => openTask(wire, { taskId, lastEventId, signal: each }),
      following(signal),
    );
  return {
    stream: (taskId, { signal } = {}) => createTaskStream(taskId, () => followTask(taskId, signal)),
    run(request, { signal } = {}) {
      // ORCH-2530: the id is chosen here, so that a repeated submit is the same submit.
      const taskId = request.task_id ?? crypto.randomUUID();
      return createTaskStream(taskId, async function* () {
        await submitUntilAnswered(wire, { ...request, task_id: taskId }, following(signal));
        yield* followTask(taskId, signal);
      });
    },
    async *events({ signal } = {}) {
      const open = (_: string | undefined, each: AbortSignal): Promise<Body> => openEvents(wire, each);
      for await (const batch of follow(createEventCursor(), open, following(signal))) yield* batch;
    },
  };
}

async function submitUntilAnswered(
  { http, answer }: WireCalls,
  body: TaskRequest,
  options: FollowOptions,
): Promise<void> {
  const { signal, reconnect } = options;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      await answer(http.POST('/v1/tasks', { body, ...(signal === undefined ? {} : { signal }) }), signal);
      return;
    } catch (error) {
      if (!OrchConnectionError.is(error) || failureCount > reconnect.maxAttempts) throw error;
      await waitToRetry(error, failureCount, options);
    }
  }
}

interface OpenTask {
  readonly taskId: string;
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal;
}

async function openTask({ http, answer }: WireCalls, { taskId, lastEventId, signal }: OpenTask): Promise<Body> {
  const params = {
    path: { task_id: taskId },
    ...(lastEventId === undefined ? {} : { header: { 'Last-Event-ID': lastEventId } }),
  };
  return eventStream(answer, http.GET('/v1/tasks/{task_id}/stream', { params, parseAs: 'stream', signal }), signal);
}

async function openEvents({ http, answer }: WireCalls, signal: AbortSignal): Promise<Body> {
  return eventStream(answer, http.GET('/v1/events', { parseAs: 'stream', signal }), signal);
}

async function eventStream(
  answer: WireCalls['answer'],
  call: Promise<{ error?: unknown; response: Response }>,
  signal: AbortSignal,
): Promise<Body> {
  const body = await answer<Body | null | undefined>(call, signal);
  const { response } = await call;
  const type = response.headers.get('Content-Type') ?? '';
  if (!body || !type.startsWith('text/event-stream')) throw OrchApiError.fromAnswer(response, undefined);
  return body;
}
