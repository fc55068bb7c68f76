// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { PoolId, SessionId } from '../../task/ids.ts';
import type { Task } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { at, idsOf, queueTest, type QueueBench, type QueueTest } from './queue-test.ts';

const OTHER_POOL = 'other' as PoolId;
const TALK = 'talk' as SessionId;
const COMPLETED = { outcome: 'completed' } as const;

/** Turns of one session, which are given out one after another. */
export const SESSION_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-1301', 'turns of a session are given out one after another, and others pass them', async (open) => {
    await using bench = await open();
    const turns = await bench.admitMany(3, { sessionId: TALK });
    const others = await bench.admitMany(2);
    const first = await bench.take();
    assert.equal(first.task.id, at(turns, 0).id);
    assert.deepEqual([(await bench.take()).task.id, (await bench.take()).task.id], idsOf(others));
    const next = bench.queue.claim(TEST_POOL, bench.quiet);
    assert.equal(await bench.waitingCount(), 2);
    await bench.queue.settle(first, COMPLETED);
    assert.equal((await next)?.task.id, at(turns, 1).id);
  }),

  queueTest('ORCH-1301', 'they follow in the order of their admission, over priorities and pools', async (open) => {
    await using bench = await open();
    const turns = [
      await bench.admit({ sessionId: TALK, priority: 'batch' }),
      await bench.admit({ sessionId: TALK, priority: 'interactive' }),
      await bench.admit({ sessionId: TALK, poolId: OTHER_POOL }),
      await bench.admit({ sessionId: TALK }),
    ];
    for (const { id, poolId } of turns) {
      assert.equal(await startsAlone(bench, turns), id);
      const lease = await bench.take(poolId);
      assert.equal(lease.task.id, id);
      assert.equal(await startsAlone(bench, turns), undefined);
      await bench.queue.settle(lease, COMPLETED);
    }
  }),

  queueTest('ORCH-1301', 'an end in one pool serves the claim that waits in another', async (open) => {
    await using bench = await open();
    await bench.admit({ sessionId: TALK });
    const second = await bench.admit({ sessionId: TALK, poolId: OTHER_POOL });
    const lease = await bench.take();
    const waiting = bench.queue.claim(OTHER_POOL, bench.quiet);
    await bench.queue.settle(lease, COMPLETED);
    assert.equal((await waiting)?.task.id, second.id);
  }),

  queueTest(
    'ORCH-1301',
    'a turn that is canceled or evicted while it waits lets the next one through',
    async (open) => {
      await using bench = await open({ maxTasks: { interactive: 3, batch: 0 }, fullPolicy: 'drop-lru' });
      const turns = await bench.admitMany(3, { sessionId: TALK });
      const newcomer = buildTask();
      const answer = await bench.queue.admit(newcomer);
      assert.ok(answer.outcome === 'accepted');
      assert.equal(answer.position, 1);
      assert.deepEqual(answer.evicted, [at(turns, 0).id]);
      await bench.cancel(at(turns, 1), 'removed');
      assert.deepEqual(await bench.drain(), [at(turns, 2).id, newcomer.id]);
    },
  ),

  queueTest('ORCH-1301', 'a turn that is passed over can be canceled and counts against the bounds', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 0 }, maxBytes: 250 });
    const [first, second] = await bench.admitMany(2, { sessionId: TALK });
    assert.ok(first && second);
    const lease = await bench.take();
    const third = await bench.admit({ sessionId: TALK });
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
    assert.equal((await bench.queue.snapshot(TEST_POOL)).waitingBytes, 200);
    await bench.cancel(second, 'removed');
    await bench.queue.settle(lease, COMPLETED);
    assert.deepEqual(await bench.drain(), [third.id]);
  }),

  queueTest('ORCH-1301', 'several turns evicted at once leave the right one next', async (open) => {
    await using bench = await open({ maxBytes: 300, fullPolicy: 'drop-lru' });
    const [first, second, third] = await bench.admitMany(3, { sessionId: TALK });
    const newcomer = await bench.queue.admit(buildTask({ sizeBytes: 200 }));
    assert.ok(newcomer.outcome === 'accepted');
    assert.deepEqual(newcomer.evicted, [first?.id, second?.id]);
    assert.equal((await bench.take()).task.id, third?.id);
    assert.equal((await bench.take()).task.sizeBytes, 200);
  }),

  queueTest('ORCH-1301', 'a canceled turn that runs is there until its holder lets go', async (open) => {
    await using bench = await open();
    for (const end of ['settle', 'release'] as const) {
      const [first, second] = await bench.admitMany(2, { sessionId: TALK });
      assert.ok(first && second);
      const lease = await bench.take();
      const next = bench.queue.claim(TEST_POOL, bench.quiet);
      await bench.cancel(first, 'signaled');
      assert.equal(await bench.holdOf(second.id), 'session_turn');
      if (end === 'settle') await bench.queue.settle(lease, { outcome: 'canceled' });
      else await bench.queue.release(lease);
      const following = await next;
      assert.equal(following?.task.id, second.id);
      await bench.queue.settle(following, COMPLETED);
    }
  }),

  queueTest('ORCH-1301', 'a released turn comes before the younger ones', async (open) => {
    await using bench = await open();
    const turns = await bench.admitMany(2, { sessionId: TALK });
    const lease = await bench.take();
    await bench.queue.release(lease);
    assert.equal(await startsAlone(bench, turns), at(turns, 0).id);
    assert.deepEqual(await bench.drain(), idsOf(turns));
  }),

  queueTest('ORCH-1301', 'positions count those who can start, and the waiting turns before', async (open) => {
    await using bench = await open();
    const turns = await bench.admitMany(3, { sessionId: TALK });
    const other = await bench.admit();
    const positions = async (): Promise<unknown> => Promise.all([...turns, other].map(({ id }) => bench.position(id)));
    assert.deepEqual(await positions(), [0, 1, 2, 1]);
    const lease = await bench.take();
    assert.deepEqual(await positions(), [undefined, 0, 1, 0]);
    await bench.queue.settle(lease, COMPLETED);
    assert.deepEqual(await positions(), [undefined, 0, 1, 1]);
  }),
];

/** The one turn that is not passed over; there must not be two. */
async function startsAlone(bench: QueueBench, turns: readonly Task[]): Promise<string | undefined> {
  const free: string[] = [];
  for (const { id } of turns) {
    const waits = (await bench.position(id)) !== undefined;
    if (waits && (await bench.holdOf(id)) === undefined) free.push(id);
  }
  assert.ok(free.length <= 1, 'one turn at most may start');
  return free[0];
}
