// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { Lease } from '../../queue/task-queue.ts';
import type { PoolId, SessionId } from '../../task/ids.ts';
import type { Priority, Task } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { at, idsOf, queueTest, type QueueBench, type QueueTest } from './queue-test.ts';

const ROUND_COUNT = 40;

/** Changes of the order of what waits. */
export const STEER_TESTS: readonly QueueTest[] = [
  queueTest(
    'ORCH-1282',
    'a task goes to the end of its new priority, and the others keep their order',
    async (open) => {
      await using bench = await open();
      const interactive = await bench.admitMany(3);
      const batch = await bench.admitMany(3, { priority: 'batch' });
      assert.equal(await move(bench, at(batch, 1), 'interactive'), 'done');
      assert.equal(await bench.position(at(batch, 1).id), 3);
      assert.equal(await move(bench, at(interactive, 0), 'batch'), 'done');
      assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 3, batch: 3 });
      const [, second, third] = interactive;
      const order = [second, third, at(batch, 1), at(batch, 0), at(batch, 2), at(interactive, 0)];
      assert.deepEqual(await bench.drain(), idsOf(order as Task[]));
    },
  ),

  queueTest('ORCH-1282', 'a lease tells the priority that the task has now', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    await move(bench, task, 'batch');
    const lease = await bench.take();
    assert.deepEqual(lease.task, { ...task, priority: 'batch' });
    assert.equal(await bench.queue.release(lease), 'done');
    const later = await bench.admit({ priority: 'batch' });
    assert.deepEqual(await bench.drain(), [task.id, later.id]);
  }),

  queueTest('ORCH-1282', 'the priority a task has already changes nothing', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 0 } });
    const tasks = await bench.admitMany(2);
    assert.equal(await move(bench, at(tasks, 0), 'interactive'), 'done');
    assert.deepEqual(await bench.drain(), idsOf(tasks));
  }),

  queueTest('ORCH-1282', 'a full priority takes nobody, and who is refused keeps the place', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 1 } });
    const interactive = await bench.admitMany(2);
    const batch = await bench.admit({ priority: 'batch' });
    assert.equal(await move(bench, at(interactive, 0), 'batch'), 'full');
    assert.equal(await move(bench, batch, 'interactive'), 'full');
    assert.equal(await bench.position(at(interactive, 0).id), 0);
    await bench.cancel(batch, 'removed');
    assert.equal(await move(bench, at(interactive, 0), 'batch'), 'done');
    assert.deepEqual(await bench.queue.admit(buildTask({ priority: 'batch' })), { outcome: 'full', limit: 'tasks' });
    await bench.admit();
    assert.equal((await bench.drain()).length, 3);
  }),

  queueTest('ORCH-1282', 'places that interactive took over stay within the sum', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 2 }, fullPolicy: 'shed-low-priority' });
    await bench.admitMany(2, { priority: 'batch' });
    const interactive = await bench.admitMany(2);
    assert.equal(await move(bench, at(interactive, 0), 'batch'), 'done');
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 1, batch: 2 });
    assert.equal(await move(bench, at(interactive, 1), 'batch'), 'full');
  }),

  queueTest('ORCH-1282', 'what was given out, has ended or was never there is not moved', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    const lease = await bench.take();
    assert.equal(await move(bench, task, 'batch'), 'leased');
    assert.equal(await bench.queue.settle(lease, { outcome: 'completed' }), 'done');
    assert.equal(await move(bench, task, 'batch'), 'ended');
    assert.equal(await move(bench, buildTask(), 'batch'), 'unknown');
  }),

  queueTest('ORCH-1282', 'the same submit still finds a task that was moved', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    await move(bench, task, 'batch');
    assert.deepEqual(await bench.queue.admit(task), { outcome: 'repeated' });
    await bench.cancel(task, 'removed');
  }),

  queueTest(['ORCH-1282', 'ORCH-1301'], 'a moved turn still waits for the one before it', async (open) => {
    await using bench = await open();
    const sessionId = 'talk' as SessionId;
    const first = await bench.admit({ sessionId, priority: 'batch' });
    const second = await bench.admit({ sessionId, priority: 'batch' });
    const other = await bench.admit({ priority: 'batch' });
    assert.equal(await move(bench, second, 'interactive'), 'done');
    const leases = [await bench.take(), await bench.take()];
    assert.deepEqual(idsOf(leases.map(({ task }) => task)), [first.id, other.id]);
    for (const lease of leases) await bench.queue.settle(lease, { outcome: 'completed' });
    assert.deepEqual(await bench.drain(), [second.id]);
  }),

  queueTest('ORCH-1282', 'of a move and a claim exactly one is first', async (open) => {
    await using bench = await open();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const task = await bench.admit();
      const steer = (): Promise<string> => move(bench, task, 'batch');
      const claim = (): Promise<Lease> => bench.take();
      const [outcome, lease] = await (round % 2 === 0
        ? Promise.all([steer(), claim()])
        : Promise.all([claim(), steer()]).then(([claimed, moved]) => [moved, claimed] as const));
      assert.equal(lease.task.id, task.id);
      assert.equal(lease.task.priority, outcome === 'done' ? 'batch' : 'interactive', `the move was ${outcome}`);
      assert.equal(await bench.queue.release(lease), 'done');
      const again = await bench.take();
      assert.equal(again.task.priority, lease.task.priority);
      await bench.queue.settle(again, { outcome: 'completed' });
    }
  }),

  queueTest('ORCH-1282', 'of a move and a cancel exactly one is first', async (open) => {
    await using bench = await open();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const task = await bench.admit();
      const cancel = (): Promise<string> => bench.anyHandle.cancel(task.id, 'client');
      const steer = (): Promise<string> => move(bench, task, 'batch');
      const outcomes = await Promise.all(round % 2 === 0 ? [cancel(), steer()] : [steer(), cancel()]);
      assert.ok(outcomes.includes('removed'), 'the task is canceled');
      assert.ok(outcomes.includes('done') || outcomes.includes('ended'), `a move is ${outcomes.join(' or ')}`);
      assert.equal(await bench.waitingCount(), 0);
    }
  }),

  queueTest('ORCH-1283', 'a paused queue takes what fits its bound and gives out nothing', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 3, batch: 0 } });
    const before = await bench.admit();
    assert.equal(await pause(bench), 'done');
    assert.equal(await pause(bench), 'done');
    const claim = bench.queue.claim(TEST_POOL, bench.quiet);
    const tasks = [before, ...(await bench.admitMany(2))];
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
    const { waiting, leased, paused } = await bench.queue.snapshot(TEST_POOL);
    assert.deepEqual([waiting.interactive, leased, paused], [3, 0, true]);
    assert.equal(await bench.holdOf(before.id), 'pool_paused');
    assert.equal(await resume(bench), 'done');
    const lease = await claim;
    assert.equal(lease?.task.id, before.id);
    assert.equal((await bench.queue.snapshot(TEST_POOL)).paused, false);
    assert.deepEqual(await bench.drain(), idsOf(tasks.slice(1)));
  }),

  queueTest('ORCH-1283', 'what runs ends while its queue is paused, and what comes back waits', async (open) => {
    await using bench = await open();
    const tasks = await bench.admitMany(3);
    const [first, second] = [await bench.take(), await bench.take()];
    await pause(bench);
    assert.equal(await bench.queue.settle(first, { outcome: 'completed' }), 'done');
    assert.equal(await bench.queue.release(second), 'done');
    await bench.cancel(at(tasks, 2), 'removed');
    assert.equal(await bench.waitingCount(), 1);
    await resume(bench);
    assert.deepEqual(await bench.drain(), [at(tasks, 1).id]);
  }),

  queueTest(['ORCH-1283', 'ORCH-3020'], 'a pause is about one pool', async (open) => {
    await using bench = await open();
    const other = 'other' as PoolId;
    await pause(bench);
    await bench.admit();
    const task = await bench.admit({ poolId: other });
    assert.deepEqual(await bench.drain(other), [task.id]);
    assert.equal(await bench.waitingCount(), 1);
    assert.equal((await bench.queue.snapshot(other)).paused, false);
    await resume(bench);
    assert.equal(await resume(bench), 'done');
    assert.equal((await bench.drain()).length, 1);
  }),

  queueTest(['ORCH-1283', 'ORCH-1260'], 'a pause does not start the burst anew', async (open) => {
    await using bench = await open({ interactiveBurst: 2 });
    const interactive = await bench.admitMany(4);
    const batch = await bench.admitMany(2, { priority: 'batch' });
    await bench.take();
    await bench.take();
    await pause(bench);
    await resume(bench);
    assert.deepEqual(await bench.drain(), idsOf([at(batch, 0), ...interactive.slice(2), at(batch, 1)]));
  }),
];

function move(bench: QueueBench, { id }: Task, priority: Priority): Promise<string> {
  return bench.anyHandle.steer({ kind: 'priority', id, priority });
}

function pause(bench: QueueBench): Promise<string> {
  return bench.queue.steer({ kind: 'pause', poolId: TEST_POOL });
}

function resume(bench: QueueBench): Promise<string> {
  return bench.queue.steer({ kind: 'resume', poolId: TEST_POOL });
}
