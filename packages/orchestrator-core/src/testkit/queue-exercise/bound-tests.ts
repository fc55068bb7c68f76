// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { TEST_POOL, buildTask } from '../task-builders.ts';
import { idsOf, queueTest, type QueueTest } from './queue-test.ts';

const PARALLEL_COUNT = 100;

/** Bounds, policies and what a full queue does. */
export const BOUND_TESTS: readonly QueueTest[] = [
  queueTest('ORCH-3010', 'a full queue stores nothing', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 1 } });
    await bench.admitMany(2);
    const third = buildTask();
    assert.deepEqual(await bench.queue.admit(third), { outcome: 'full', limit: 'tasks' });
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 2, batch: 0 });
    assert.equal(await bench.position(third.id), undefined);
    assert.equal(await bench.queue.cancel(third.id, 'client'), 'unknown');
    await bench.admit({ priority: 'batch' });
    assert.deepEqual(await bench.queue.admit(buildTask({ priority: 'batch' })), { outcome: 'full', limit: 'tasks' });
    await bench.take();
    await bench.admit(third);
  }),

  queueTest('ORCH-3026', 'a preview answers what admit would, and stores nothing', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 1 }, maxBytes: 1_000 });
    const [first] = await bench.admitMany(1);
    const task = buildTask({ sizeBytes: 100 });
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(await bench.queue.preview(task), { outcome: 'accepted', position: 1, hold: undefined });
    }
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 1, batch: 0 });
    assert.equal(await bench.position(task.id), undefined);
    assert.deepEqual(await bench.queue.preview({ ...task, sizeBytes: 1_001 }), { outcome: 'full', limit: 'bytes' });
    await bench.admit(task);
    assert.deepEqual(await bench.queue.preview(task), { outcome: 'repeated' });
    assert.deepEqual(await bench.queue.preview({ ...task, fingerprint: 'other' }), { outcome: 'conflict' });
    assert.deepEqual(await bench.queue.preview(buildTask()), { outcome: 'full', limit: 'tasks' });
    assert.deepEqual(await bench.drain(), [first?.id, task.id]);
    await bench.queue.close();
    assert.deepEqual(await bench.queue.preview(buildTask()), { outcome: 'closed' });
  }),

  queueTest(['ORCH-3014', 'ORCH-3010'], 'waiting bytes are bounded', async (open) => {
    await using bench = await open({ maxBytes: 250 });
    await bench.admit({ sizeBytes: 150 });
    await bench.admit({ sizeBytes: 100, priority: 'batch' });
    const late = buildTask({ sizeBytes: 1 });
    assert.deepEqual(await bench.queue.admit(late), { outcome: 'full', limit: 'bytes' });
    assert.equal((await bench.queue.snapshot(TEST_POOL)).waitingBytes, 250);
    await bench.take();
    await bench.admit(late);
    assert.equal((await bench.queue.snapshot(TEST_POOL)).waitingBytes, 101);
  }),

  queueTest(['ORCH-3014', 'ORCH-3025'], 'a task above the byte bound evicts nothing', async (open) => {
    await using bench = await open({ maxBytes: 250, fullPolicy: 'drop-lru' });
    const [waiting] = await bench.admitMany(1);
    assert.deepEqual(await bench.queue.admit(buildTask({ sizeBytes: 251 })), { outcome: 'full', limit: 'bytes' });
    assert.deepEqual(await bench.drain(), [waiting?.id]);
  }),

  queueTest('ORCH-3011', 'parallel admissions store exactly the bound', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 10, batch: 10 } });
    const answers = await Promise.all(Array.from({ length: PARALLEL_COUNT }, () => bench.anyHandle.admit(buildTask())));
    assert.equal(answers.filter(({ outcome }) => outcome === 'accepted').length, 10);
    assert.equal(answers.filter(({ outcome }) => outcome === 'full').length, PARALLEL_COUNT - 10);
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 10, batch: 0 });
    assert.equal((await bench.drain()).length, 10);
  }),

  queueTest(['ORCH-3011', 'ORCH-3024'], 'parallel admissions that evict keep exactly the bound', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 10, batch: 0 }, fullPolicy: 'drop-lru' });
    const tasks = Array.from({ length: PARALLEL_COUNT }, () => buildTask());
    const answers = await Promise.all(tasks.map((task) => bench.anyHandle.admit(task)));
    const accepted = tasks.filter((_, i) => answers[i]?.outcome === 'accepted');
    const evicted = answers.flatMap((answer) => (answer.outcome === 'accepted' ? answer.evicted : []));
    assert.equal(new Set(evicted).size, evicted.length, 'no task is evicted twice');
    assert.equal(accepted.length - evicted.length, 10);
    const kept = idsOf(accepted).filter((id) => !evicted.includes(id));
    assert.deepEqual((await bench.drain()).sort(), kept.sort());
  }),

  queueTest('ORCH-3015', 'policy reject evicts nothing', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 1 }, maxBytes: 250 });
    const batch = await bench.admit({ priority: 'batch' });
    const interactive = await bench.admit();
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
    assert.deepEqual(await bench.drain(), [interactive.id, batch.id]);
  }),

  queueTest('ORCH-3016', 'an interactive newcomer takes the place of an evicted batch task', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 2 }, fullPolicy: 'shed-low-priority' });
    await bench.admit();
    await bench.admitMany(2, { priority: 'batch' });
    await bench.admit();
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 2, batch: 1 });
    const batch = buildTask({ priority: 'batch' });
    assert.deepEqual(await bench.queue.admit(batch), { outcome: 'full', limit: 'tasks' });
    await bench.admit();
    assert.deepEqual((await bench.queue.snapshot(TEST_POOL)).waiting, { interactive: 3, batch: 0 });
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
    await bench.take();
    await bench.admit(batch);
    assert.deepEqual(await bench.queue.admit(buildTask({ priority: 'batch' })), { outcome: 'full', limit: 'tasks' });
  }),

  queueTest('ORCH-3017', 'drop-lru evicts the oldest task of the lowest priority', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 2, batch: 2 }, fullPolicy: 'drop-lru' });
    const interactive = await bench.admitMany(2);
    const batch = await bench.admitMany(2, { priority: 'batch' });
    const evictedBy = async (priority: 'interactive' | 'batch'): Promise<unknown> => {
      const answer = await bench.queue.admit(buildTask({ priority }));
      return answer.outcome === 'accepted' ? answer.evicted : answer.outcome;
    };
    assert.deepEqual(await evictedBy('batch'), [batch[0]?.id]);
    assert.deepEqual(await evictedBy('interactive'), [batch[1]?.id]);
    assert.equal(((await evictedBy('interactive')) as string[]).length, 1, 'the last batch task goes');
    assert.deepEqual(await evictedBy('interactive'), [interactive[0]?.id]);
    assert.equal(await evictedBy('batch'), 'full', 'batch never evicts interactive');
  }),

  queueTest(['ORCH-3017', 'ORCH-3014'], 'drop-lru goes on until the bytes fit', async (open) => {
    await using bench = await open({ maxBytes: 300, fullPolicy: 'drop-lru' });
    const interactive = await bench.admit();
    const batch = await bench.admitMany(2, { priority: 'batch' });
    const large = buildTask({ sizeBytes: 250 });
    const answer = await bench.queue.admit(large);
    assert.ok(answer.outcome === 'accepted');
    assert.equal(answer.position, 0);
    assert.deepEqual(answer.evicted, idsOf([...batch, interactive]));
    assert.equal((await bench.queue.snapshot(TEST_POOL)).waitingBytes, 250);
  }),

  queueTest('ORCH-3018', 'shed-low-priority evicts the newest batch task for interactive alone', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 2 }, fullPolicy: 'shed-low-priority' });
    const batch = await bench.admitMany(2, { priority: 'batch' });
    assert.deepEqual(await bench.queue.admit(buildTask({ priority: 'batch' })), { outcome: 'full', limit: 'tasks' });
    await bench.admit();
    const answer = await bench.queue.admit(buildTask());
    assert.ok(answer.outcome === 'accepted');
    assert.equal(answer.position, 1);
    assert.deepEqual(answer.evicted, [batch[1]?.id]);
    await bench.admit();
    assert.deepEqual(await bench.queue.admit(buildTask()), { outcome: 'full', limit: 'tasks' });
  }),

  queueTest('ORCH-3024', 'an evicted task has ended', async (open) => {
    await using bench = await open({ maxTasks: { interactive: 1, batch: 0 }, fullPolicy: 'drop-lru' });
    const evicted = await bench.admit();
    const kept = await bench.admit();
    assert.equal(await bench.position(evicted.id), undefined);
    await bench.cancel(evicted, 'ended');
    assert.deepEqual(await bench.queue.admit(evicted), { outcome: 'repeated' });
    assert.deepEqual(await bench.drain(), [kept.id]);
  }),

  queueTest('ORCH-3025', 'a newcomer that would not fit evicts no one', async (open) => {
    await using bench = await open({ maxBytes: 300, fullPolicy: 'drop-lru' });
    const interactive = await bench.admit({ sizeBytes: 200 });
    const batch = await bench.admit({ priority: 'batch' });
    const tooLarge = buildTask({ priority: 'batch', sizeBytes: 150 });
    assert.deepEqual(await bench.queue.admit(tooLarge), { outcome: 'full', limit: 'bytes' });
    assert.deepEqual(await bench.drain(), [interactive.id, batch.id]);
  }),
];
