// SPDX-License-Identifier: MIT
import { test } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { exerciseTaskQueue, type AcquireQueue } from '../testkit/index.ts';
import { createMemoryTaskQueue } from './memory-task-queue.ts';

const acquire: AcquireQueue = async (limits) => {
  const queue = createMemoryTaskQueue({ limits, retention: { endedTasks: 1_000 } });
  return { handles: [queue], [Symbol.asyncDispose]: () => queue.close() };
};

exerciseTaskQueue(verifies, acquire, {
  lacks: { 'lease-expiry': 'a holder that dies takes the queue in its memory with it' },
  skip: (title) => test.skip(title),
});
