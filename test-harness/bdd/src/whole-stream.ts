// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import type { SseReader } from './wire/sse-reader.ts';

/**
 * Judges a stream that was read from its start to its end: `started`, tokens counted from 0, one terminal frame, ids as
 * the job and the place in the stream give them.
 */
export function expectWholeStream(reader: SseReader, jobId: string): void {
  const { stored, summary } = reader;
  const tokens = stored.slice(1, -1);
  expect(reader.end).toBe('ended');
  expect(stored[0]?.event, summary).toBe('started');
  expect(new Set(tokens.map(({ event }) => event)).difference(new Set(['token'])), summary).toEqual(new Set());
  expect(['end', 'error'], summary).toContain(stored.at(-1)?.event);
  expect(reader.frames.at(-1), 'the last frame').toBe(reader.terminal);
  expect(tokens.map(({ data }) => data['i'])).toEqual(tokens.map((_, index) => index));
  expect(stored.map(({ id }) => id)).toEqual(stored.map((_, seq) => `${jobId.slice(0, 8)}:${seq}`));
  expectMetricsIds(reader);
}

/** A `metrics` frame carries the id of the stored frame before it. */
function expectMetricsIds({ frames }: SseReader): void {
  let last: string | undefined;
  for (const { event, id } of frames) {
    if (event === 'metrics') expect(id).toBe(last);
    else last = id;
  }
}
