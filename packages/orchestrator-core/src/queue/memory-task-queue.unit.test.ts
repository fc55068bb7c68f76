// SPDX-License-Identifier: MIT
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { KeyId, PoolId, SessionId } from '../task/ids.ts';
import type { Task } from '../task/task.ts';
import { SeededRandom, TEST_POOL, buildTask, exerciseTaskQueue, type AcquireQueue } from '../testkit/index.ts';
import type { KeyRules } from './key-slots.ts';
import { createMemoryTaskQueue } from './memory-task-queue.ts';
import type { QueueJournal } from './queue-journal.ts';
import type { QueueLimits } from './task-queue.ts';

const UNBOUNDED: QueueLimits = {
  maxTasks: { interactive: Infinity, batch: Infinity },
  maxBytes: Infinity,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

const acquire: AcquireQueue = async (limits) => {
  const queue = createMemoryTaskQueue({ limits, retention: { endedTasks: 1_000 } });
  return { handles: [queue], [Symbol.asyncDispose]: () => queue.close() };
};

exerciseTaskQueue(verifies, acquire, {
  lacks: { 'lease-expiry': 'a holder that dies takes the queue in its memory with it' },
  skip: (title) => test.skip(title),
});

verifies('ORCH-3041', 'however many claims are made under a signal, it is listened to once', async () => {
  const queue = createMemoryTaskQueue({ limits: () => UNBOUNDED, retention: { endedTasks: 0 } });
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    const claim = queue.claim(TEST_POOL, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await queue.admit(buildTask());
    await claim;
  }
  const waiting = queue.claim(TEST_POOL, signal);
  await queue.close();
  expect(await waiting).toBeUndefined();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
});

verifies('ORCH-3050', 'two hundred thousand tasks come and go within the time of a test', async () => {
  // An operation that walked over the tasks would need some 10^11 steps here, and run into the time limit.
  const queue = createMemoryTaskQueue({ limits: () => UNBOUNDED, retention: { endedTasks: 0 } });
  const random = new SeededRandom(1);
  const tasks = Array.from({ length: 200_000 }, () => buildTask());
  for (const task of tasks) await queue.admit(task);
  const canceled = new Set<Task>();
  while (canceled.size < 50_000) canceled.add(random.pick(tasks));
  const left = tasks.filter((task) => !canceled.has(task));
  // One comparison at the end: 400,000 assertions would take longer than the queue.
  let surprises = 0;
  for (const { id } of canceled) if ((await queue.cancel(id, 'client')) !== 'removed') surprises += 1;
  for (const [position, { id }] of left.entries()) if ((await queue.place(id))?.position !== position) surprises += 1;
  const { signal } = new AbortController();
  for (const task of left) {
    const lease = await queue.claim(TEST_POOL, signal);
    if (lease?.task !== task || (await queue.settle(lease, { outcome: 'completed' })) !== 'done') surprises += 1;
  }
  expect(surprises).toBe(0);
});

verifies('ORCH-1213', 'a journal is told of every decision, in order and before the answer', async () => {
  const told: unknown[] = [];
  const journal: QueueJournal = {
    admitted: (task, position, evicted) => told.push(['admitted', task.id, position, evicted]),
    claimed: (id, epoch) => told.push(['claimed', id, epoch]),
    burst: (poolId, count) => told.push(['burst', poolId, count]),
    released: (id, epoch) => told.push(['released', id, epoch]),
    steered: (steering) => told.push(['steered', steering]),
    ended: (id, end) => told.push(['ended', id, end]),
  };
  const limits = { ...UNBOUNDED, maxTasks: { interactive: 1, batch: 0 }, fullPolicy: 'drop-lru' } as const;
  const queue = createMemoryTaskQueue({ limits: () => limits, retention: { endedTasks: 9 }, journal });
  const [first, second] = [buildTask(), buildTask()];
  await queue.admit(first);
  await queue.admit(first);
  await queue.admit(second);
  const lease = (await queue.claim(TEST_POOL, new AbortController().signal))!;
  await queue.release(lease);
  await queue.settle(lease, { outcome: 'completed' });
  const again = (await queue.claim(TEST_POOL, new AbortController().signal))!;
  void queue.settle(again, { outcome: 'completed' });
  for (const kind of ['pause', 'pause', 'resume', 'resume'] as const) void queue.steer({ kind, poolId: TEST_POOL });
  const third = buildTask();
  await queue.admit(third);
  for (const id of [third.id, third.id, second.id]) void queue.steer({ kind: 'priority', id, priority: 'interactive' });
  expect(told).toEqual([
    ['admitted', first.id, 0, []],
    ['admitted', second.id, 0, [first.id]],
    ['claimed', second.id, 1],
    ['released', second.id, 1],
    ['claimed', second.id, 2],
    ['ended', second.id, { outcome: 'completed', settledEpoch: 2 }],
    ['steered', { kind: 'pause', poolId: TEST_POOL }],
    ['steered', { kind: 'resume', poolId: TEST_POOL }],
    ['admitted', third.id, 0, []],
  ]);
});

verifies(['ORCH-1220', 'ORCH-1252'], 'a queue goes on with what another left, bounds or not', async () => {
  const limits = { ...UNBOUNDED, maxTasks: { interactive: 1, batch: 0 } };
  const [first, second, ended] = [buildTask(), buildTask(), buildTask()];
  const contents = {
    waiting: [
      { task: first, epoch: 4 },
      { task: second, epoch: 0 },
    ],
    ended: [{ id: ended.id, fingerprint: ended.fingerprint, outcome: 'completed', settledEpoch: 2 }] as const,
  };
  const queue = createMemoryTaskQueue({ limits: () => limits, retention: { endedTasks: 9 }, contents });
  expect(await queue.snapshot(TEST_POOL)).toMatchObject({ waiting: { interactive: 2 }, waitingBytes: 200 });
  expect(await queue.admit(buildTask())).toEqual({ outcome: 'full', limit: 'tasks' });
  expect(await queue.admit(ended)).toEqual({ outcome: 'repeated' });
  const lease = await queue.claim(TEST_POOL, new AbortController().signal);
  expect([lease?.task.id, lease?.epoch]).toEqual([first.id, 5]);
});

verifies(
  'ORCH-1261',
  'a key runs no more tasks than it may, in all pools, and does not hold up the others',
  async () => {
    const keyId = 'alice' as KeyId;
    const other = 'other' as PoolId;
    const keyRules = (id: KeyId): KeyRules => ({ weight: 1, ...(id === keyId ? { runningTasks: 2 } : {}) });
    const queue = createMemoryTaskQueue({ limits: () => UNBOUNDED, retention: { endedTasks: 9 }, keyRules });
    const quiet = new AbortController().signal;
    const mine = [
      buildTask({ keyId }),
      buildTask({ keyId, poolId: other }),
      buildTask({ keyId }),
      buildTask({ keyId }),
    ];
    for (const task of mine) await queue.admit(task);
    const bobs = buildTask({ keyId: 'bob' as KeyId });
    await queue.admit(bobs);
    const first = (await queue.claim(TEST_POOL, quiet))!;
    const second = (await queue.claim(other, quiet))!;
    expect([first.task.id, second.task.id]).toEqual([mine[0]!.id, mine[1]!.id]);
    expect((await queue.place(mine[2]!.id))?.hold).toBe('key_concurrency');
    expect((await queue.claim(TEST_POOL, quiet))?.task.id).toBe(bobs.id);
    const next = queue.claim(TEST_POOL, quiet);
    // Until its holder lets go a canceled job runs.
    await queue.cancel(second.task.id, 'client');
    expect(await Promise.race([next, turn().then(() => 'waits')])).toBe('waits');
    await queue.settle(second, { outcome: 'canceled' });
    expect((await next)?.task.id).toBe(mine[2]!.id);
    await queue.release(first);
    expect((await queue.claim(TEST_POOL, quiet))?.task.id).toBe(mine[0]!.id);
    expect(await queue.snapshot(TEST_POOL)).toMatchObject({ waiting: { interactive: 1 } });
  },
);

verifies('ORCH-1301', 'turns of another process keep their order, also where one was moved in line', async () => {
  const sessionId = 'talk' as SessionId;
  // In one millisecond.
  const [first, second] = [1, 1.5].map((createdAt) => ({
    task: buildTask({ sessionId, acceptedAtMs: 1, createdAt }),
    epoch: 0,
  }));
  const queue = createMemoryTaskQueue({
    limits: () => UNBOUNDED,
    retention: { endedTasks: 10 },
    contents: { waiting: [second!, first!], ended: [] },
  });
  expect(await queue.place(second!.task.id)).toMatchObject({ hold: 'session_turn' });
  const lease = await queue.claim(TEST_POOL, new AbortController().signal);
  expect(lease?.task.id).toBe(first!.task.id);
});
