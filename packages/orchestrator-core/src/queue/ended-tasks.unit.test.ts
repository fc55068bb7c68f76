// SPDX-License-Identifier: MIT
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { Task } from '../task/task.ts';
import { TEST_POOL, buildTask } from '../testkit/index.ts';
import { createMemoryTaskQueue } from './memory-task-queue.ts';
import type { QueueLimits, TaskQueue } from './task-queue.ts';

const LIMITS: QueueLimits = {
  maxTasks: { interactive: 10, batch: 10 },
  maxBytes: 10_000,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

verifies(['ORCH-3051', 'ORCH-3023'], 'ids of ended tasks are kept up to the limit, the latest end last', async () => {
  const queue = createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: 3 } });
  const tasks = Array.from({ length: 8 }, () => buildTask());
  for (const task of tasks) await runToEnd(queue, task);
  for (const task of tasks.slice(5)) expect(await queue.admit(task)).toEqual({ outcome: 'repeated' });
  expect(await queue.admit(tasks[4]!)).toMatchObject({ outcome: 'accepted' });
});

verifies('ORCH-3051', 'a queue that retains nothing forgets at once', async () => {
  const queue = createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: 0 } });
  const task = buildTask();
  await runToEnd(queue, task);
  expect(await queue.cancel(task.id, 'client')).toBe('unknown');
  expect(await queue.admit(task)).toMatchObject({ outcome: 'accepted' });
});

verifies('ORCH-3051', 'an ended task can be collected while its id is retained', async () => {
  const queue = createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: 100 } });
  const ended = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const task = buildTask();
      await queue.admit(task);
      await queue.cancel(task.id, 'client');
      return new WeakRef(task);
    }),
  );
  const completed = new WeakRef(await runToEnd(queue, buildTask()));
  await turn();
  collectGarbage();
  expect([...ended, completed].filter((task) => task.deref() !== undefined)).toEqual([]);
  expect(await queue.snapshot(TEST_POOL)).toMatchObject({ leased: 0, waitingBytes: 0 });
});

async function runToEnd(queue: TaskQueue, task: Task): Promise<Task> {
  await queue.admit(task);
  const lease = await queue.claim(TEST_POOL, new AbortController().signal);
  await queue.settle(lease!, { outcome: 'completed' });
  return task;
}
