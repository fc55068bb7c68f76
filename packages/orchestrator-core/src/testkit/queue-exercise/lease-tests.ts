// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { TaskEnd } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { at, idsOf, lossOf, needing, queueTest, type QueueTest } from './queue-test.ts';

const COMPLETED: TaskEnd = { outcome: 'completed' };
const FAILED: TaskEnd = { outcome: 'failed', error: new OrchError('WORKER_RESET') };

/** What a lease is worth, and who may end a task. */
export const LEASE_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-3032', 'a lease of an older epoch is refused', async (open) => {
    await using bench = await open();
    await bench.admit();
    const old = await bench.take();
    assert.equal(await bench.queue.release(old), 'done');
    const live = await bench.take();
    assert.ok(live.epoch > old.epoch, 'epochs grow');
    assert.equal(await bench.queue.settle(old, COMPLETED), 'superseded');
    assert.equal(await bench.queue.release(old), 'superseded');
    assert.equal(await bench.waitingCount(), 0);
    assert.equal(await bench.queue.settle(live, COMPLETED), 'done');
    assert.equal(await bench.queue.settle(old, COMPLETED), 'superseded');
  }),

  queueTest('ORCH-3033', 'a deadline ends a waiting task', async (open) => {
    await using bench = await open();
    const { id } = await bench.admit();
    assert.equal(await bench.queue.cancel(id, 'deadline'), 'removed');
    assert.equal(await bench.waitingCount(), 0);
    assert.equal(await bench.queue.cancel(id, 'deadline'), 'ended');
  }),

  queueTest('ORCH-3033', 'a deadline leaves a running task alone', async (open) => {
    await using bench = await open();
    const { id } = await bench.admit();
    const lease = await bench.take();
    assert.equal(await bench.queue.cancel(id, 'deadline'), 'running');
    assert.equal(lease.loss, undefined);
    assert.equal(await bench.queue.settle(lease, COMPLETED), 'done');
  }),

  queueTest('ORCH-3034', 'a canceled waiting task never runs and frees its place', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 3, batch: 0 }, maxBytes: 300 });
    const tasks = await bench.admitMany(3);
    await bench.cancel(at(tasks, 1), 'removed');
    assert.equal(await bench.position(at(tasks, 2).id), 1);
    const late = await bench.admit();
    assert.deepEqual(await bench.drain(), [at(tasks, 0).id, at(tasks, 2).id, late.id]);
  }),

  queueTest('ORCH-3035', 'a canceled running task loses its lease', async (open) => {
    await using bench = await open();
    const tasks = await bench.admitMany(2);
    const lease = await bench.take();
    const other = await bench.take();
    let toldCount = 0;
    lease.onLost = () => (toldCount += 1);
    await bench.cancel(at(tasks, 0), 'signaled');
    assert.equal(toldCount, 1);
    assert.equal(lease.loss, 'canceled');
    assert.equal(other.loss, undefined);
    assert.equal((await bench.queue.snapshot(TEST_POOL)).leased, 1);
  }),

  queueTest('ORCH-3038', 'settle is idempotent and the first end stands', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    const lease = await bench.take();
    assert.equal(await bench.queue.settle(lease, COMPLETED), 'done');
    assert.equal(await bench.queue.settle(lease, COMPLETED), 'done');
    assert.equal(await bench.queue.settle(lease, FAILED), 'superseded');
    assert.equal(await bench.queue.release(lease), 'superseded');
    await bench.cancel(task, 'ended');
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).leased, 0);
    assert.equal(await bench.waitingCount(), 0);
  }),

  queueTest('ORCH-3039', 'a settle after a cancel is superseded, whatever its outcome', async (open) => {
    await using bench = await open();
    for (const end of [COMPLETED, FAILED, { outcome: 'canceled' } as const]) {
      const task = await bench.admit();
      const lease = await bench.take();
      await bench.cancel(task, 'signaled');
      assert.equal(await bench.queue.settle(lease, end), 'superseded');
      assert.equal(await bench.queue.release(lease), 'superseded');
      await bench.cancel(task, 'ended');
    }
    assert.equal(await bench.waitingCount(), 0);
  }),

  queueTest('ORCH-3040', 'released tasks stand in their old order', async (open) => {
    await using bench = await open();
    const [a, b] = await bench.admitMany(2);
    const leases = [await bench.take(), await bench.take()];
    const passing = await bench.admitMany(200);
    for (let i = 0; i < 150; i++) await bench.queue.settle(await bench.take(), COMPLETED);
    for (const lease of leases.reverse()) assert.equal(await bench.queue.release(lease), 'done');
    assert.equal(await bench.position(at(passing, 150).id), 2);
    assert.deepEqual(await bench.drain(), [a?.id, b?.id, ...idsOf(passing.slice(150))]);
  }),

  queueTest('ORCH-3040', 'a bound does not stand in the way of a release', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 0 }, maxBytes: 200 });
    const tasks = await bench.admitMany(2);
    const lease = await bench.take();
    tasks.push(await bench.admit());
    assert.equal(await bench.queue.release(lease), 'done');
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
    assert.deepEqual(await bench.drain(), idsOf(tasks));
  }),

  queueTest('ORCH-3045', 'cancel is idempotent', async (open) => {
    await using bench = await open();
    const waiting = await bench.admit();
    await bench.cancel(waiting, 'removed');
    await bench.cancel(waiting, 'ended');
    const running = await bench.admit();
    const lease = await bench.take();
    await bench.cancel(running, 'signaled');
    await bench.cancel(running, 'ended');
    await bench.queue.settle(lease, { outcome: 'canceled' });
    await bench.cancel(running, 'ended');
    await bench.cancel(buildTask(), 'unknown');
  }),

  needing(
    'lease-expiry',
    queueTest('ORCH-3044', 'a lease that expired is fenced', async (open) => {
      await using bench = await open();
      const first = await bench.admit();
      const old = await bench.take();
      const second = await bench.admit();
      await bench.expire(old);
      assert.equal(await lossOf(old), 'fenced');
      const live = await bench.take();
      assert.equal(live.task.id, first.id);
      assert.ok(live.epoch > old.epoch, 'epochs grow');
      assert.equal(await bench.queue.settle(old, COMPLETED), 'superseded');
      assert.equal(await bench.queue.release(old), 'superseded');
      assert.equal(await bench.queue.settle(live, COMPLETED), 'done');
      assert.deepEqual(await bench.drain(), [second.id]);
    }),
  ),
];
