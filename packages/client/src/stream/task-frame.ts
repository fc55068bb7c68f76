// SPDX-License-Identifier: MIT
import type { EventSourceMessage } from 'eventsource-parser';
import type { EndFrame, ErrorFrame, MetricsFrame, StartedFrame, TokenFrame } from '@llama-orch/api-types';

/** Data of each frame, by event name. */
export interface TaskFrameData {
  readonly started: StartedFrame;
  readonly token: TokenFrame;
  readonly metrics: MetricsFrame;
  readonly end: EndFrame;
  readonly error: ErrorFrame;
}

/** Name of a frame. */
export type TaskFrameName = keyof TaskFrameData;

/** One frame of a task's stream. `started` comes first, exactly one `end` or `error` last. */
export type TaskFrame = {
  readonly [Name in TaskFrameName]: {
    readonly event: Name;
    /** Event id, as `Last-Event-ID` takes it. */
    readonly id: string;
    /** Sequence number: `started` is 0, token `i` is `i + 1`; a `metrics` frame has that of the stored frame before it. */
    readonly seq: number;
    readonly data: TaskFrameData[Name];
  };
}[TaskFrameName];

const NAMES: ReadonlySet<string> = new Set<TaskFrameName>(['started', 'token', 'metrics', 'end', 'error']);
const EVENT_ID = /^[0-9a-f]{8}:(\d{1,10})$/;

/** What arrived cannot be a frame of the contract. */
export class BrokenFrameError extends Error {
  override readonly name = 'BrokenFrameError';
}

/**
 * The sequence number in an event id.
 *
 * @throws BrokenFrameError when it is not `<tag>:<seq>`.
 */
function sequenceOf(eventId: string | undefined): number {
  const digits = EVENT_ID.exec(eventId ?? '')?.[1];
  if (digits === undefined) throw new BrokenFrameError(`"${eventId ?? ''}" is not an event id`);
  return Number(digits);
}

/**
 * A server-sent event as a frame; undefined when its name is not known.
 *
 * @throws BrokenFrameError when the data is not JSON or the id is not one of a stream.
 */
export function parseTaskFrame({ event, id, data }: EventSourceMessage): TaskFrame | undefined {
  if (event === undefined || !NAMES.has(event)) return undefined;
  return { event, id, seq: sequenceOf(id), data: parseData(data) } as TaskFrame;
}

/**
 * The JSON object of a frame.
 *
 * @throws BrokenFrameError when it is none.
 */
export function parseData(text: string): object {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new BrokenFrameError('The data of a frame is not JSON', { cause });
  }
  if (typeof data !== 'object' || data === null) throw new BrokenFrameError('The data of a frame is not an object');
  return data;
}
