// SPDX-License-Identifier: MIT
import { OrchApiError } from '../http/orch-api-error.ts';
import type { EndFrame, StartedFrame } from '@llama-orch/api-types';
import type { TaskFrame } from './task-frame.ts';

/** A whole stream at once. */
export interface TaskResult {
  /** All token texts, joined. */
  readonly text: string;
  readonly started: StartedFrame;
  readonly end: EndFrame;
}

/**
 * The stream of one task. Iterating opens it, resumes it after a cut and ends after the terminal frame; each iteration
 * reads from the start. Leaving the loop closes the connection and lets the task go on.
 *
 * Iterations throw OrchApiError when the service refuses, OrchConnectionError when it stays unreachable, and the
 * reason of the signal they were made with. A terminal `error` frame is yielded, not thrown.
 */
export interface TaskStream extends AsyncIterable<TaskFrame> {
  readonly taskId: string;
  /** The same frames as arrays, one per piece that arrived from the network. */
  batches(): AsyncIterable<readonly TaskFrame[]>;
  /**
   * Reads to the end.
   *
   * @throws OrchApiError also when the stream ends with an `error` frame.
   */
  result(): Promise<TaskResult>;
}

/** A stream over what `open` yields each time it is called. */
export function createTaskStream(
  taskId: string,
  open: () => AsyncGenerator<readonly TaskFrame[], void, undefined>,
): TaskStream {
  return {
    taskId,
    batches: open,
    async *[Symbol.asyncIterator]() {
      for await (const batch of open()) yield* batch;
    },
    result: () => collect(open()),
  };
}

async function collect(batches: AsyncIterable<readonly TaskFrame[]>): Promise<TaskResult> {
  const texts: string[] = [];
  let started: StartedFrame | undefined;
  let end: EndFrame | undefined;
  for await (const batch of batches) {
    for (const frame of batch) {
      if (frame.event === 'token') texts.push(frame.data.t);
      else if (frame.event === 'started') started = frame.data;
      else if (frame.event === 'end') end = frame.data;
      else if (frame.event === 'error') throw errorOf(frame.data);
    }
  }
  if (started === undefined || end === undefined) throw new Error('The stream ended before its last frame');
  return { text: texts.join(''), started, end };
}

function errorOf(data: Extract<TaskFrame, { event: 'error' }>['data']): OrchApiError {
  return new OrchApiError(data.code, {
    message: data.message,
    retriable: data.retriable,
    ...(data.retry_after_ms === undefined ? {} : { retryAfterMs: data.retry_after_ms }),
    ...(data.details === undefined ? {} : { details: data.details }),
  });
}
