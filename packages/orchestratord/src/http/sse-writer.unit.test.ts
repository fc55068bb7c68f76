// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { BUFFER_BYTES, nextTurn, openClientLine, SILENCE_MS, type ClientLine } from '../__fixtures__/client-line.ts';
import { SseWriter } from './sse-writer.ts';

const HEARTBEAT_MS = 1_000;
const DRAIN_TIMEOUT_MS = 200;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

interface Line extends ClientLine {
  readonly sse: SseWriter;
}

/** A stream that has begun. */
function openLine(): Line {
  const line = openClientLine();
  const sse = new SseWriter(line.response);
  sse.begin({ correlationId: 'c-1', heartbeatMs: HEARTBEAT_MS, drainTimeoutMs: DRAIN_TIMEOUT_MS });
  return { ...line, sse };
}

const LARGE = 'x'.repeat(2 * BUFFER_BYTES);
const CASES: Record<string, (sse: SseWriter) => void> = {
  'a piece': (sse) => void sse.write(LARGE),
  'the last frames': (sse) => sse.end(LARGE),
  'the last chunk': (sse) => sse.end(),
  'pieces and the end': (sse) => {
    sse.write(LARGE);
    sse.end();
  },
};

for (const [name, act] of Object.entries(CASES)) {
  for (const isFirst of [true, false]) {
    const when = isFirst ? 'at the beginning' : 'in mid-stream';
    verifies('ORCH-2133', `a connection that does not take ${name} ${when} is closed`, async () => {
      const { sse, isOpen, block } = openLine();
      if (!isFirst) {
        sse.write('first');
        await nextTurn();
      }
      block();
      act(sse);
      await nextTurn();
      vi.advanceTimersByTime(DRAIN_TIMEOUT_MS - 1);
      expect(isOpen()).toBe(true);
      vi.advanceTimersByTime(1);
      expect(isOpen()).toBe(false);
    });
  }
}

verifies('ORCH-2133', 'a connection that is full by heartbeats alone is closed', async () => {
  const { sse, isOpen, block } = openLine();
  sse.write('first');
  await nextTurn();
  block();
  // With the frame of its chunk not quite full: the service does not wait for it.
  expect(sse.write('x'.repeat(BUFFER_BYTES - 16))).toBe(true);
  await nextTurn();
  vi.advanceTimersByTime(3 * HEARTBEAT_MS);
  expect(isOpen()).toBe(false);
});

verifies('ORCH-2133', 'a connection that takes everything stays open', async () => {
  const { sse, isOpen } = openLine();
  sse.write('first');
  await nextTurn();
  sse.write(LARGE);
  await nextTurn();
  vi.advanceTimersByTime(10 * DRAIN_TIMEOUT_MS);
  expect(isOpen()).toBe(true);
  sse.drop();
});

verifies('ORCH-2028', 'the silence of a stream is watched while something waits, and after its end', async () => {
  const { sse, silenceMs, block } = openLine();
  sse.write('first');
  await nextTurn();
  expect(silenceMs()).toBe(0);
  vi.advanceTimersByTime(2 * HEARTBEAT_MS);
  expect(silenceMs()).toBe(0);
  block();
  sse.write('small');
  vi.advanceTimersByTime(HEARTBEAT_MS / 2);
  expect(silenceMs()).toBe(SILENCE_MS);
  sse.drop();

  const other = openLine();
  other.sse.write('first');
  await nextTurn();
  other.sse.end();
  other.close();
  expect(other.silenceMs()).toBe(SILENCE_MS);
});
