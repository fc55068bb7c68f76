// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { AcceptedAdmission } from '../../queue/task-queue.ts';
import type { PoolId } from '../../task/ids.ts';
import type { Task, TaskEnd } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { at, idsOf, queueTest, type QueueBench, type QueueTest } from './queue-test.ts';

const OTHER_POOL = 'other' as PoolId;

/** Order, positions and identity. */
export const ORDER_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-3012', 'tasks of a priority are claimed in the order of admission', async (open) => {
    await using bench = await open();
    const tasks = await bench.admitMany(30, { priority: 'batch' });
    assert.deepEqual(await bench.drain(), idsOf(tasks));
  }),

  queueTest('ORCH-3013', 'interactive goes first, and batch after each burst', async (open) => {
    await using bench = await open({ interactiveBurst: 2 });
    const [b1, b2] = await bench.admitMany(2, { priority: 'batch' });
    const [i1, i2, i3, i4, i5] = await bench.admitMany(5);
    assert.deepEqual(
      await bench.drain(),
      [i1, i2, b1, i3, i4, b2, i5].map((task) => task?.id),
    );
  }),

  queueTest('ORCH-3013', 'a burst counts only while batch waits', async (open) => {
    await using bench = await open({ interactiveBurst: 2 });
    await bench.admitMany(3);
    await bench.drain();
    const [i1, i2, i3] = await bench.admitMany(3);
    const batch = await bench.admit({ priority: 'batch' });
    assert.deepEqual(
      await bench.drain(),
      [i1, i2, batch, i3].map((task) => task?.id),
    );
  }),

  queueTest('ORCH-3019', 'every position is the number of starts before it', async (open) => {
    await using bench = await open({ interactiveBurst: 3 });
    const tasks = [...(await bench.admitMany(4, { priority: 'batch' })), ...(await bench.admitMany(17))];
    tasks.push(...(await bench.admitMany(9, { priority: 'batch' })));
    await bench.take();
    await bench.take();
    await assertPositionsComeTrue(bench, tasks);
  }),

  queueTest('ORCH-3019', 'positions hold after cancels and releases', async (open) => {
    await using bench = await open({ interactiveBurst: 2 });
    const tasks = [...(await bench.admitMany(12)), ...(await bench.admitMany(6, { priority: 'batch' }))];
    const leases = [await bench.take(), await bench.take(), await bench.take()];
    for (const i of [4, 7, 13]) await bench.queue.cancel(at(tasks, i).id, 'client');
    for (const lease of leases.slice(1)) await bench.queue.release(lease);
    await assertPositionsComeTrue(bench, tasks);
  }),

  queueTest('ORCH-3019', 'the position at admission is the one asked for afterwards', async (open) => {
    await using bench = await open({ interactiveBurst: 2 });
    await bench.admitMany(3, { priority: 'batch' });
    for (let i = 0; i < 6; i++) {
      const task = buildTask();
      const answer = await bench.queue.admit(task);
      const place = await bench.queue.place(task.id);
      const position = place?.position;
      assert.deepEqual(answer, { outcome: 'accepted', position, place, leasedCount: 0, evicted: [] });
    }
  }),

  queueTest('ORCH-3019', 'whoever is given out at admission has no place any more and is counted', async (open) => {
    await using bench = await open();
    const claim = bench.queue.claim(TEST_POOL, bench.quiet);
    const admissions = [await bench.queue.admit(buildTask()), await bench.queue.admit(buildTask())];
    const told = admissions.map(
      (answer) => answer.outcome === 'accepted' && [answer.place?.position, answer.leasedCount],
    );
    assert.deepEqual(told, [
      [undefined, 1],
      [0, 1],
    ]);
    assert.notEqual(await claim, undefined);
  }),

  queueTest('ORCH-3021', 'who is accepted is told so once, when it is decided, and nobody else is', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 1 } });
    const told: AcceptedAdmission[] = [];
    const tell = (admission: AcceptedAdmission): void => void told.push(admission);
    const task = buildTask();
    const answer = await bench.queue.admit(task, tell);
    assert.deepEqual(told, [answer]);
    await bench.queue.admit(task, tell);
    await bench.queue.admit({ ...task, fingerprint: 'another' }, tell);
    await bench.queue.admit(buildTask(), tell);
    assert.equal(told.length, 1);
  }),

  queueTest('ORCH-3019', 'a task that does not wait has no position', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    await bench.take();
    assert.equal(await bench.position(task.id), undefined);
    assert.equal(await bench.position(buildTask().id), undefined);
  }),

  queueTest('ORCH-3020', 'pools do not see each other', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 2 } });
    const here = await bench.admitMany(2);
    const there = await bench.admitMany(2, { poolId: OTHER_POOL });
    assert.equal(await bench.position(at(there, 1).id), 1);
    assert.deepEqual(await bench.queue.admit({ ...buildTask(), id: at(there, 0).id }), {
      outcome: 'conflict',
    });
    assert.deepEqual(await bench.drain(OTHER_POOL), idsOf(there));
    assert.deepEqual(await bench.drain(TEST_POOL), idsOf(here));
  }),

  queueTest('ORCH-3021', 'a hundred parallel duplicates are one task', async (open) => {
    await using bench = await open();
    const task = buildTask();
    const answers = await Promise.all(Array.from({ length: 100 }, () => bench.anyHandle.admit(task)));
    assert.equal(answers.filter(({ outcome }) => outcome === 'accepted').length, 1);
    assert.equal(answers.filter(({ outcome }) => outcome === 'repeated').length, 99);
    assert.deepEqual(await bench.drain(), [task.id]);
  }),

  queueTest('ORCH-3021', 'a repeat is known in every phase, also when the queue is full', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 1 }, fullPolicy: 'drop-lru' });
    const task = await bench.admit();
    assert.deepEqual(await bench.queue.admit(task), { outcome: 'repeated' });
    const lease = await bench.take();
    assert.deepEqual(await bench.queue.admit(task), { outcome: 'repeated' });
    await bench.queue.settle(lease, { outcome: 'completed' });
    assert.deepEqual(await bench.queue.admit(task), { outcome: 'repeated' });
    assert.equal(await bench.waitingCount(), 0);
  }),

  queueTest('ORCH-3022', 'the same id with another fingerprint is a conflict', async (open) => {
    await using bench = await open();
    const task = await bench.admit();
    const other = { ...task, fingerprint: 'another' };
    assert.deepEqual(await bench.queue.admit(other), { outcome: 'conflict' });
    const lease = await bench.take();
    assert.equal(lease.task.fingerprint, task.fingerprint);
    assert.deepEqual(await bench.queue.admit(other), { outcome: 'conflict' });
    await bench.queue.settle(lease, { outcome: 'completed' });
    assert.deepEqual(await bench.queue.admit(other), { outcome: 'conflict' });
    assert.equal(await bench.waitingCount(), 0);
  }),

  queueTest('ORCH-3023', 'the ids of ended tasks stay used', async (open) => {
    await using bench = await open();
    const ends: TaskEnd['outcome'][] = ['completed', 'canceled', 'evicted'];
    const tasks: Task[] = [];
    for (let i = 0; i < 999; i++) {
      const task = await bench.admit();
      const lease = await bench.take();
      await bench.queue.settle(lease, { outcome: ends[i % ends.length] } as TaskEnd);
      tasks.push(task);
    }
    const canceled = await bench.admit();
    await bench.cancel(canceled, 'removed');
    for (const task of [at(tasks, 0), at(tasks, 500), at(tasks, 998), canceled]) {
      assert.deepEqual(await bench.queue.admit(task), { outcome: 'repeated' });
    }
  }),
];

/** Asks for all positions, then sees in which order the tasks really start. */
async function assertPositionsComeTrue(bench: QueueBench, tasks: readonly Task[]): Promise<void> {
  const positions = new Map<string, number | undefined>();
  for (const { id } of tasks) positions.set(id, await bench.position(id));
  const order = await bench.drain();
  assert.deepEqual(
    order.map((id) => positions.get(id)),
    order.map((_, i) => i),
  );
}
