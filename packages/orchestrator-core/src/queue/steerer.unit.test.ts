// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter } from '../__fixtures__/manual-adapter.ts';
import { Rig, drain } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import type { PoolId, TaskId } from '../task/ids.ts';
import type { Priority } from '../task/task.ts';
import { TEST_POOL } from '../testkit/index.ts';

const NOWHERE = '00000000-0000-4000-8000-00000000dead' as TaskId;

function move(rig: Rig, { taskId: id }: { readonly taskId: TaskId }, priority: Priority): Promise<unknown> {
  return rig.orchestrator.steer({ kind: 'priority', id, priority });
}

function pause(rig: Rig, poolId = TEST_POOL): Promise<unknown> {
  return rig.orchestrator.steer({ kind: 'pause', poolId });
}

function resume(rig: Rig): Promise<unknown> {
  return rig.orchestrator.steer({ kind: 'resume', poolId: TEST_POOL });
}

verifies('ORCH-1282', 'a moved task is shown, counted and started with its new priority', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const [first, second] = [await rig.accept(), await rig.accept()];
  expect(await move(rig, first, 'batch')).toEqual({ outcome: 'done' });
  expect(await move(rig, first, 'batch')).toEqual({ outcome: 'done' });
  const view = await rig.view(first.taskId);
  expect([view.task.priority, view.queuePosition, view.state]).toEqual(['batch', 1, 'queued']);
  const depth = (priority: Priority): number => rig.meter.total('queue_depth', { priority });
  expect([depth('interactive'), depth('batch')]).toEqual([1, 1]);
  rig.job.end();
  await rig.rest();
  expect(rig.job.request.jobId).toBe(second.jobId);
  rig.job.end();
  await rig.rest();
  expect(rig.job.request.jobId).toBe(first.jobId);
  expect([depth('interactive'), depth('batch')]).toEqual([0, 0]);
  expect(rig.meter.total('tasks_started_total', { priority: 'batch' })).toBe(1);
  rig.job.end();
  await rig.rest();
  await rig.stop();
});

verifies('ORCH-1282', 'what runs, has ended, or is not there is not moved', async () => {
  const rig = await new Rig().start();
  const task = await rig.accept();
  const refused = { outcome: 'refused', error: { code: 'TASK_CONFLICT', details: { field: 'path.task_id' } } };
  expect(await move(rig, task, 'batch')).toMatchObject(refused);
  rig.job.end();
  await rig.rest();
  expect(await move(rig, task, 'batch')).toMatchObject(refused);
  expect(await move(rig, { taskId: NOWHERE }, 'batch')).toEqual({ outcome: 'unknown' });
  await rig.stop();
});

verifies('ORCH-1282', 'a full priority is named with its limit, and the task keeps its place', async () => {
  const rig = await new Rig({ limits: { maxTasks: { interactive: 4, batch: 0 } } }).start();
  await rig.accept();
  const task = await rig.accept();
  await rig.accept();
  expect(await move(rig, task, 'batch')).toMatchObject({
    outcome: 'refused',
    error: { code: 'ADMISSION_REJECT', details: { limit: 0, unit: 'tasks', pool_id: TEST_POOL, priority: 'batch' } },
  });
  expect((await rig.view(task.taskId)).queuePosition).toBe(0);
  await rig.stop();
});

verifies(
  'ORCH-1282',
  'a moved task keeps its priority over a restart, and a repeat of its submit finds it',
  async () => {
    const rig = await new Rig({ disk: new SimDisk() }).start();
    await rig.accept();
    const [first, second] = [await rig.accept(), await rig.accept()];
    await move(rig, first, 'batch');
    const next = await rig.restart();
    const view = await next.view(first.taskId);
    expect([view.task.priority, view.queuePosition]).toEqual(['batch', 1]);
    expect((await next.view(second.taskId)).queuePosition).toBe(0);
    expect(next.meter.total('queue_depth', { priority: 'batch' })).toBe(1);
    await next.stop();
  },
);

verifies('ORCH-1283', 'a paused pool takes tasks, starts none and promises no start; what runs goes on', async () => {
  const rig = await new Rig({ limits: { maxTasks: { interactive: 2, batch: 0 } } }).start();
  const running = await rig.accept();
  expect(await pause(rig)).toEqual({ outcome: 'done' });
  expect(await pause(rig)).toEqual({ outcome: 'done' });
  const waiting = await rig.accept();
  expect(waiting.predictedStartMs).toBeUndefined();
  await rig.accept();
  expect((await rig.submit()).outcome).toBe('rejected');
  rig.job.end();
  await rig.clock.advance(60_000);
  expect((await rig.view(running.taskId)).state).toBe('completed');
  const view = await rig.view(waiting.taskId);
  expect([view.state, view.predictedStartMs, view.waitingFor?.reason]).toEqual(['queued', undefined, 'pool_paused']);
  expect([(await rig.orchestrator.pool(TEST_POOL))?.paused, rig.meter.total('queue_paused')]).toEqual([true, 1]);
  expect(await resume(rig)).toEqual({ outcome: 'done' });
  await rig.rest();
  expect(rig.job.request.jobId).toBe(waiting.jobId);
  expect([(await rig.orchestrator.pool(TEST_POOL))?.paused, rig.meter.total('queue_paused')]).toEqual([false, 0]);
  expect(await pause(rig, 'nowhere' as PoolId)).toEqual({ outcome: 'unknown' });
  await rig.stop();
});

verifies('ORCH-1283', 'deadlines and cancels hold while a pool is paused', async () => {
  const rig = await new Rig().start();
  await pause(rig);
  const late = await rig.accept({ deadlineMs: 500 });
  const unwanted = await rig.accept();
  const reader = await rig.read(late.taskId);
  expect(await rig.orchestrator.cancel(unwanted.taskId)).toBe('canceled');
  await rig.clock.advance(500);
  expect((await rig.view(late.taskId)).error?.code).toBe('DEADLINE_UNMET');
  expect(drain(reader).at(-1)).toMatchObject({ kind: 'error' });
  expect(rig.adapter.jobs).toHaveLength(0);
  await rig.stop();
});

verifies('ORCH-1283', 'a pause outlives the process, also for what ran when it ended', async () => {
  const rig = await new Rig({ disk: new SimDisk() }).start();
  const running = await rig.accept();
  const waiting = await rig.accept();
  await pause(rig);
  const adapter = new ManualAdapter();
  const next = await rig.restart({ adapters: [adapter] });
  await next.clock.advance(10_000);
  expect(adapter.jobs).toHaveLength(0);
  expect([(await next.view(running.taskId)).state, (await next.view(waiting.taskId)).state]).toEqual([
    'queued',
    'queued',
  ]);
  expect(next.meter.total('queue_paused')).toBe(1);
  await resume(next);
  await next.rest();
  expect(next.job.request.jobId).toBe(running.jobId);
  await next.stop();
});
