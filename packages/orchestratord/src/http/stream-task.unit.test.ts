// SPDX-License-Identifier: MIT
import type { StreamChunk, TaskReader } from '@llama-orch/orchestrator-core';
import { verifies } from '@llama-orch/test-kit';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { BUFFER_BYTES, nextTurn, openClientLine } from '../__fixtures__/client-line.ts';
import { TaskStream } from './stream-task.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** Has the chunks of a list, and takes them out as it is pulled. */
function readerOf(chunks: StreamChunk[]): TaskReader {
  return { ended: false, next: () => chunks.shift(), close: () => undefined };
}

verifies('ORCH-2132', 'a connection that a heartbeat filled is pulled for when it has drained', async () => {
  const line = openClientLine();
  const chunks: StreamChunk[] = [{ kind: 'tokens', firstIndex: 0, texts: ['first'] }];
  const stream = new TaskStream(line.response, { tag: '1a2b3c4d', seq: 0 });
  const options = { correlationId: 'c-1', heartbeatMs: 1_000, drainTimeoutMs: 200, onClose: () => undefined };
  stream.open(readerOf(chunks), options);
  await nextTurn();
  line.block();
  // With the frame of its chunk not quite full, until the second tick of silence.
  expect(stream.write('x'.repeat(BUFFER_BYTES - 12))).toBe(true);
  vi.advanceTimersToNextTimer().advanceTimersToNextTimer();
  expect(stream.waitingBytes).toBeGreaterThanOrEqual(BUFFER_BYTES);

  chunks.push({ kind: 'tokens', firstIndex: 1, texts: ['last'] });
  stream.onReady();
  expect(chunks).toHaveLength(1);
  line.unblock();
  await nextTurn();
  expect(chunks).toHaveLength(0);
  expect(line.isOpen()).toBe(true);
  stream.drop();
});
