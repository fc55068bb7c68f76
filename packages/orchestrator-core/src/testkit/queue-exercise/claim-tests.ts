// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { Lease } from '../../queue/task-queue.ts';
import type { PoolId } from '../../task/ids.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { at, idsOf, queueTest, type QueueBench, type QueueTest } from './queue-test.ts';

const OTHER_POOL = 'other' as PoolId;
const TASK_COUNT = 50;

/** Claims that wait, that give up, and the end of the queue. */
export const CLAIM_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-3030', 'waiting claims are served in their order', async (open) => {
    await using bench = await open();
    const elsewhere = bench.queue.claim(OTHER_POOL, bench.quiet);
    const claims = Array.from({ length: 5 }, () => bench.queue.claim(TEST_POOL, bench.quiet));
    const tasks = await bench.admitMany(5);
    const leases = await Promise.all(claims);
    assert.deepEqual(
      leases.map((lease) => lease?.task.id),
      idsOf(tasks),
    );
    const other = await bench.admit({ poolId: OTHER_POOL });
    assert.equal((await elsewhere)?.task.id, other.id);
  }),

  queueTest(['ORCH-3030', 'ORCH-3040'], 'a waiting claim gets a released task', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    const lease = await bench.take();
    const claim = bench.queue.claim(TEST_POOL, bench.quiet);
    await bench.queue.release(lease);
    assert.equal((await claim)?.task.id, task.id);
  }),

  queueTest('ORCH-3031', 'parallel claims lease every task exactly once', async (open) => {
    await using bench = await open();
    const tasks = await bench.admitMany(TASK_COUNT);
    const claims = await collectLeases(bench, TASK_COUNT + 10, TASK_COUNT);
    assert.deepEqual(claims.map(({ task }) => task.id).sort(), idsOf(tasks).sort());
  }),

  queueTest('ORCH-3031', 'tasks that come to many waiting claims are leased exactly once', async (open) => {
    await using bench = await open();
    const tasks = Array.from({ length: TASK_COUNT }, () => buildTask());
    const claims = collectLeases(bench, TASK_COUNT + 10, TASK_COUNT);
    await Promise.all(tasks.map((task) => bench.anyHandle.admit(task)));
    assert.deepEqual((await claims).map(({ task }) => task.id).sort(), idsOf(tasks).sort());
  }),

  queueTest('ORCH-3041', 'a claim whose signal had aborted takes nothing', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    assert.equal(await bench.queue.claim(TEST_POOL, AbortSignal.abort()), undefined);
    assert.deepEqual(await bench.drain(), [task.id]);
  }),

  queueTest('ORCH-3041', 'an aborted claim leaves the tasks to the claims beside it', async (open) => {
    await using bench = await open();
    const impatient = new AbortController();
    const first = bench.queue.claim(TEST_POOL, impatient.signal);
    const second = bench.queue.claim(TEST_POOL, bench.quiet);
    impatient.abort();
    assert.equal(await first, undefined);
    const task = await bench.admit();
    assert.equal((await second)?.task.id, task.id);
  }),

  queueTest('ORCH-3041', 'a task that meets an aborting claim is leased or still waits', async (open) => {
    await using bench = await open();
    for (let round = 0; round < TASK_COUNT; round++) {
      const impatient = new AbortController();
      const claim = bench.anyHandle.claim(TEST_POOL, impatient.signal);
      const admission = bench.anyHandle.admit(buildTask());
      if (round % 2 === 0) await admission;
      impatient.abort();
      const lease = await claim;
      await admission;
      const { leased, waiting } = await bench.queue.snapshot(TEST_POOL);
      const expected = lease === undefined ? { leased: 0, waiting: 1 } : { leased: 1, waiting: 0 };
      assert.deepEqual({ leased, waiting: waiting.interactive }, expected);
      await bench.queue.settle(lease ?? (await bench.take()), { outcome: 'completed' });
    }
  }),

  queueTest('ORCH-3042', 'close ends waiting claims and refuses new tasks', async (open) => {
    await using bench = await open();
    const claims = [bench.queue.claim(TEST_POOL, bench.quiet), bench.queue.claim(OTHER_POOL, bench.quiet)];
    await bench.queue.close();
    await bench.queue.close();
    assert.deepEqual(await Promise.all(claims), [undefined, undefined]);
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'closed' });
    assert.equal(await bench.queue.claim(TEST_POOL, bench.quiet), undefined);
  }),

  queueTest('ORCH-3042', 'close keeps what is stored', async (open) => {
    await using bench = await open();
    const tasks = await bench.admitMany(4);
    const settled = await bench.take();
    const released = await bench.take();
    await bench.queue.close();
    assert.equal(await bench.queue.claim(TEST_POOL, bench.quiet), undefined);
    assert.equal(await bench.queue.settle(settled, { outcome: 'completed' }), 'done');
    assert.equal(await bench.queue.release(released), 'done');
    assert.deepEqual(await Promise.all(tasks.map(({ id }) => bench.position(id))), [undefined, 0, 1, 2]);
    await bench.cancel(at(tasks, 2), 'removed');
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 2, batch: 0 });
  }),

  queueTest('ORCH-3043', 'a snapshot counts every task exactly once', async (open) => {
    await using bench = await open();
    await bench.admitMany(10);
    const claimer = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await bench.anyHandle.release(await bench.take());
    };
    const watcher = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        const { waiting, leased, waitingBytes } = await bench.anyHandle.snapshot(TEST_POOL);
        assert.equal(waiting.interactive + leased, 10);
        assert.equal(waitingBytes, waiting.interactive * 100);
      }
    };
    await Promise.all([claimer(), claimer(), watcher(), claimer(), watcher()]);
    assert.deepEqual(await bench.queue.snapshot(TEST_POOL), {
      waiting: { interactive: 10, batch: 0 },
      leased: 0,
      waitingBytes: 1_000,
      paused: false,
    });
  }),
];

/** Starts many claims, waits for so many leases, ends the other claims, and gives all leases that came. */
async function collectLeases(bench: QueueBench, claimCount: number, leaseCount: number): Promise<Lease[]> {
  const leases: Lease[] = [];
  const enough = Promise.withResolvers<undefined>();
  const stop = new AbortController();
  const claims = Array.from({ length: claimCount }, async () => {
    const lease = await bench.anyHandle.claim(TEST_POOL, stop.signal);
    if (lease !== undefined) leases.push(lease);
    if (leases.length >= leaseCount) enough.resolve(undefined);
  });
  await enough.promise;
  stop.abort();
  await Promise.all(claims);
  return leases;
}
