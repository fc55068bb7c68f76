// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { CancelOutcome, Lease } from '../../queue/task-queue.ts';
import type { Task } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { lossOf, queueTest, type QueueBench, type QueueTest } from './queue-test.ts';

const ROUND_COUNT = 40;

/** Two that want the same task at the same time. */
export const RACE_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-3036', 'of cancel and claim exactly one wins', async (open) => {
    await using bench = await open();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const task = await bench.admit();
      await assertOneWinner(bench, task, round % 2 === 0);
    }
    assert.deepEqual(await bench.queue.snapshot(TEST_POOL), emptySnapshot);
  }),

  queueTest('ORCH-3037', 'of evict and claim exactly one wins', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 0 }, fullPolicy: 'drop-lru' });
    for (let round = 0; round < ROUND_COUNT; round++) {
      const first = await bench.admit();
      const second = buildTask();
      const admitSecond = (): ReturnType<typeof bench.queue.admit> => bench.anyHandle.admit(second);
      const claim = (): Promise<Lease> => bench.take();
      const [answer, lease] = await (round % 2 === 0
        ? Promise.all([admitSecond(), claim()])
        : Promise.all([claim(), admitSecond()]).then(([claimed, admitted]) => [admitted, claimed] as const));
      assert.equal(answer.outcome, 'accepted');
      const { evicted } = answer;
      // Either the first was evicted and the second is leased, or the first is leased and the second waits.
      assert.deepEqual(evicted, lease.task.id === first.id ? [] : [first.id]);
      assert.equal(await bench.waitingCount(), lease.task.id === first.id ? 1 : 0);
      assert.equal(await bench.queue.settle(lease, { outcome: 'completed' }), 'done');
      await bench.drain();
    }
  }),

  queueTest('ORCH-3039', 'of cancel and settle exactly one decides the end', async (open) => {
    await using bench = await open();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const task = await bench.admit();
      const lease = await bench.take();
      const settle = (): Promise<string> => bench.anyHandle.settle(lease, { outcome: 'completed' });
      const cancel = (): Promise<string> => bench.anyHandle.cancel(task.id, 'client');
      const outcomes = await Promise.all(round % 2 === 0 ? [settle(), cancel()] : [cancel(), settle()]);
      assert.ok(
        ['done ended', 'signaled superseded'].includes(outcomes.sort().join(' ')),
        `one of them decides, not ${outcomes.join(' and ')}`,
      );
      await bench.cancel(task, 'ended');
    }
    assert.deepEqual(await bench.queue.snapshot(TEST_POOL), emptySnapshot);
  }),

  queueTest('ORCH-3036', 'of many cancels exactly one ends the task', async (open) => {
    await using bench = await open();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const task = await bench.admit();
      if (round % 2 === 0) await bench.take();
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => bench.anyHandle.cancel(task.id, 'client')));
      const winner = round % 2 === 0 ? 'signaled' : 'removed';
      assert.deepEqual(outcomes.sort(), ['ended', 'ended', 'ended', 'ended', winner]);
    }
  }),
];

const emptySnapshot = { waiting: { interactive: 0, batch: 0 }, leased: 0, waitingBytes: 0, paused: false };

async function assertOneWinner(bench: QueueBench, task: Task, claimFirst: boolean): Promise<void> {
  const giveUp = new AbortController();
  const startClaim = (): Promise<Lease | undefined> => bench.anyHandle.claim(TEST_POOL, giveUp.signal);
  const startCancel = (): Promise<CancelOutcome> => bench.anyHandle.cancel(task.id, 'client');
  const early = claimFirst ? startClaim() : undefined;
  const canceling = startCancel();
  const claiming = early ?? startClaim();
  const outcome = await canceling;
  if (outcome === 'removed') giveUp.abort();
  const lease = await claiming;
  if (outcome === 'removed') {
    assert.equal(lease, undefined, 'a removed task is not leased');
    return;
  }
  assert.equal(outcome, 'signaled');
  assert.equal(lease?.task.id, task.id);
  assert.equal(await lossOf(lease), 'canceled');
  assert.equal(await bench.queue.settle(lease, { outcome: 'canceled' }), 'superseded');
}
