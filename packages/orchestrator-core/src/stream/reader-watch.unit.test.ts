// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter } from '../__fixtures__/manual-adapter.ts';
import { Rig } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';

const TTL_MS = 30_000;

async function stateOf(rig: Rig, { taskId }: Awaited<ReturnType<Rig['accept']>>): Promise<string> {
  await rig.rest();
  return (await rig.view(taskId)).state;
}

verifies(
  ['ORCH-1242', 'ORCH-2140'],
  'cancel: the engine is aborted in the step in which the last reader leaves',
  async () => {
    const rig = await new Rig().start();
    const task = await rig.accept({ onDisconnect: 'cancel' });
    const [first, second] = [await rig.read(task.taskId), await rig.read(task.taskId)];
    first.close();
    first.close();
    await rig.rest();
    expect(rig.job.signal.aborted).toBe(false);
    second.close();
    // Core needs no time of its own; how long the abort takes to reach the engine is measured over HTTP.
    await rig.rest();
    expect([rig.job.signal.aborted, await stateOf(rig, task)]).toEqual([true, 'canceled']);
    await rig.stop();
  },
);

verifies('ORCH-1242', 'cancel: a task that waits for its slot leaves the queue with its last reader', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const waiting = await rig.accept({ onDisconnect: 'cancel' });
  (await rig.read(waiting.taskId)).close();
  expect(await stateOf(rig, waiting)).toBe('canceled');
  expect((await rig.orchestrator.pools())[0]?.queued.interactive).toBe(0);
  await rig.stop();
});

verifies('ORCH-1242', 'a task that never had a reader, and one without a policy, go on', async () => {
  const rig = await new Rig({ noReaderMs: TTL_MS }).start();
  const unread = await rig.accept({ onDisconnect: 'cancel' });
  const waiting = await rig.accept();
  await rig.clock.advance(10 * TTL_MS);
  expect([await stateOf(rig, unread), await stateOf(rig, waiting)]).toEqual(['running', 'queued']);
  const patient = await new Rig().start();
  const left = await patient.accept();
  (await patient.read(left.taskId)).close();
  await patient.clock.advance(10 * TTL_MS);
  expect(await stateOf(patient, left)).toBe('running');
  await rig.stop();
  await patient.stop();
});

verifies('ORCH-1242', 'detach: the no-reader time ends the task, counted from the last reader', async () => {
  const rig = await new Rig({ noReaderMs: TTL_MS }).start();
  const task = await rig.accept();
  const [first, second] = [await rig.read(task.taskId), await rig.read(task.taskId)];
  first.close();
  await rig.clock.advance(TTL_MS * 2);
  second.close();
  await rig.clock.advance(TTL_MS - 1);
  expect(await stateOf(rig, task)).toBe('running');
  await rig.clock.advance(1);
  expect(await stateOf(rig, task)).toBe('canceled');
  await rig.stop();
});

verifies('ORCH-1242', 'detach: a reader that comes back in time saves the task, and its time starts anew', async () => {
  const rig = await new Rig({ noReaderMs: TTL_MS }).start();
  const task = await rig.accept();
  rig.job.send('a', 'b');
  for (let round = 0; round < 3; round += 1) {
    (await rig.read(task.taskId, undefined, 1)).close();
    await rig.clock.advance(TTL_MS - 1);
  }
  const reader = await rig.read(task.taskId, undefined, 2);
  await rig.clock.advance(TTL_MS * 3);
  expect(await stateOf(rig, task)).toBe('running');
  reader.close();
  await rig.clock.advance(TTL_MS);
  expect(await stateOf(rig, task)).toBe('canceled');
  await rig.stop();
});

verifies('ORCH-1242', 'one timer serves any number of tasks, each of which ends in its own time', async () => {
  const rig = await new Rig({ noReaderMs: TTL_MS, limits: { maxTasks: { interactive: 200, batch: 0 } } }).start();
  const before = rig.clock.pendingCount;
  const tasks = [];
  for (let count = 0; count < 100; count += 1) {
    const task = await rig.accept();
    (await rig.read(task.taskId)).close();
    await rig.clock.advance(10);
    tasks.push(task);
  }
  // The ticker of live frames has its own one while somebody reads.
  expect(rig.clock.pendingCount - before).toBeLessThanOrEqual(2);
  await rig.clock.advance(TTL_MS - 500);
  const states = await Promise.all(tasks.map((task) => stateOf(rig, task)));
  expect(states.filter((state) => state === 'canceled')).toHaveLength(51);
  await rig.clock.advance(500);
  expect(await Promise.all(tasks.map((task) => stateOf(rig, task)))).toEqual(tasks.map(() => 'canceled'));
  await rig.stop();
  expect(rig.clock.pendingCount).toBe(0);
});

verifies('ORCH-1242', 'readers that the end of a service cuts off have not left', async () => {
  const disk = new SimDisk();
  const rig = await new Rig({ disk }).start();
  const task = await rig.accept({ onDisconnect: 'cancel' });
  const waiting = await rig.accept({ onDisconnect: 'cancel' });
  const readers = [await rig.read(task.taskId), await rig.read(waiting.taskId)];
  await rig.stop();
  for (const reader of readers) reader.close();
  await rig.rest();
  const next = await rig.restart({ adapters: [new ManualAdapter()] });
  expect([await stateOf(next, task), await stateOf(next, waiting)]).toEqual(['running', 'queued']);
  (await next.read(task.taskId)).close();
  expect(await stateOf(next, task)).toBe('canceled');
  await next.stop();
});
