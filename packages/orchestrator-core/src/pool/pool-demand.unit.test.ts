// SPDX-License-Identifier: MIT
import { OrchError, type WorkerHealth } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TellingAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { Rig, type RigOptions } from '../__fixtures__/rig.ts';

import type { TaskId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';
import { TEST_POOL, buildTask } from '../testkit/index.ts';
import type { PoolDemand } from './pool-operations.ts';
import { WaitingAges } from './waiting-ages.ts';

const READY: WorkerHealth = { state: 'ready', props: TEST_PROPS };
const UNLOADED: WorkerHealth = { state: 'unloaded' };

function demandOf(rig: Rig): PoolDemand | undefined {
  return rig.orchestrator.demand()[0];
}

/** A rig whose edges are counted. */
async function watched(options: RigOptions = {}): Promise<{ rig: Rig; edges: () => Promise<number> }> {
  const rig = await new Rig(options).start();
  let count = 0;
  rig.orchestrator.watchDemand(() => (count += 1));
  const edges = async (): Promise<number> => {
    await rig.rest();
    const seen = count;
    count = 0;
    return seen;
  };
  return { rig, edges };
}

verifies('ORCH-1434', 'demand says what waits since when, what runs and when the pool was used last', async () => {
  const rig = await new Rig().start();
  expect(rig.orchestrator.demand()).toEqual([{ poolId: TEST_POOL, waitingCount: 0, runningCount: 0 }]);
  await rig.clock.advance(5_000);
  await rig.accept();
  await rig.clock.advance(1_000);
  const oldest = await rig.accept();
  await rig.clock.advance(1_000);
  await rig.accept({ priority: 'batch' });
  const waiting = { waitingCount: 2, oldestWaitingSinceMs: 6_000, runningCount: 1, lastUsedAtMs: 5_000 };
  expect(demandOf(rig)).toEqual({ poolId: TEST_POOL, ...waiting });
  await rig.orchestrator.cancel(oldest.taskId);
  expect(demandOf(rig)).toMatchObject({ waitingCount: 1, oldestWaitingSinceMs: 7_000 });
  await rig.clock.advance(1_000);
  rig.job.end();
  await rig.rest();
  rig.job.end();
  await rig.rest();
  expect(demandOf(rig)).toEqual({ poolId: TEST_POOL, waitingCount: 0, runningCount: 0, lastUsedAtMs: 8_000 });
  await rig.stop();
});

verifies('ORCH-1434', 'once jobs were measured demand says how long what runs goes on', async () => {
  const rig = await new Rig().start();
  for (let job = 0; job < 3; job += 1) {
    await rig.accept();
    await rig.clock.advance(1_000);
    rig.job.end();
    await rig.rest();
  }
  expect(demandOf(rig)?.drainMs).toBeUndefined();
  await rig.accept();
  expect(demandOf(rig)?.drainMs).toBeCloseTo(1_000);
  await rig.clock.advance(400);
  expect(demandOf(rig)?.drainMs).toBeCloseTo(600);
  await rig.stop();
});

verifies('ORCH-1434', 'edges are told and nothing between them', async () => {
  const { rig, edges } = await watched();
  await rig.accept();
  expect(await edges()).toBeGreaterThan(0);
  rig.job.send('a', 'b');
  rig.job.send('c');
  expect(await edges()).toBe(0);
  await rig.accept();
  expect(await edges()).toBe(1);
  const second = await rig.accept();
  expect(await edges()).toBe(0);
  await rig.orchestrator.cancel(second.taskId);
  expect(await edges()).toBe(0);
  await rig.orchestrator.steer({ kind: 'pause', poolId: TEST_POOL });
  expect(await edges()).toBe(1);
  expect(demandOf(rig)).toMatchObject({ waitingCount: 0, runningCount: 1 });
  rig.job.end();
  expect(await edges()).toBe(1);
  await rig.orchestrator.resumePool(TEST_POOL);
  expect(await edges()).toBeGreaterThan(0);
  await rig.stop();
});

verifies('ORCH-1434', 'the oldest is found among those that came back and those that left out of turn', () => {
  const ages = new WaitingAges();
  const records = [3_000, 4_000, 5_000].map((acceptedAtMs) => ({ task: buildTask({ acceptedAtMs }) }) as TaskRecord);
  const back = { task: buildTask({ acceptedAtMs: 1_000 }) } as TaskRecord;
  for (const record of [...records, back]) ages.join(record);
  expect([ages.count, ages.oldestAtMs]).toEqual([4, 1_000]);
  ages.leave(back);
  for (const record of records.slice(0, 2)) ages.leave(record);
  ages.leave(back);
  expect([ages.count, ages.oldestAtMs]).toEqual([1, 5_000]);
  for (const record of records) ages.leave(record);
  expect([ages.count, ages.oldestAtMs]).toEqual([0, undefined]);
});

verifies('ORCH-1435', 'a held pool admits and queues, ends what runs, and goes on when it is let go', async () => {
  const { rig, edges } = await watched();
  const running = await rig.accept();
  rig.orchestrator.holdPool(TEST_POOL, true);
  const waiting = await rig.accept();
  rig.job.end();
  await rig.rest();
  expect((await rig.view(running.taskId)).state).toBe('completed');
  const view = await rig.view(waiting.taskId);
  expect(view).toMatchObject({ state: 'queued', waitingFor: { reason: 'model_load' } });
  expect(view.predictedStartMs).toBeUndefined();
  expect(rig.adapter.jobs).toHaveLength(1);
  expect(demandOf(rig)).toMatchObject({ waitingCount: 1, runningCount: 0 });
  expect(await edges()).toBeGreaterThan(0);
  await rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 0 });
  await rig.orchestrator.resumePool(TEST_POOL);
  await rig.rest();
  expect(rig.adapter.jobs).toHaveLength(1);
  rig.orchestrator.holdPool(TEST_POOL, false);
  await rig.rest();
  expect(rig.adapter.jobs).toHaveLength(2);
  await rig.stop();
});

verifies('ORCH-1435', 'a task that was just given out goes back to the front when its pool is held', async () => {
  const rig = await new Rig({ adapters: [new ManualAdapter({ state: 'loading' })] }).start();
  const first = await rig.accept();
  const second = await rig.accept();
  rig.adapter.health = READY;
  await rig.clock.advance(100);
  expect(rig.adapter.jobs).toHaveLength(1);
  rig.orchestrator.holdPool(TEST_POOL, true);
  rig.job.end();
  rig.orchestrator.holdPool(TEST_POOL, false);
  rig.orchestrator.holdPool(TEST_POOL, true);
  await rig.rest();
  expect((await rig.view(first.taskId)).state).toBe('completed');
  expect(await rig.view(second.taskId)).toMatchObject({ state: 'queued', queuePosition: 0 });
  rig.orchestrator.holdPool(TEST_POOL, false);
  await rig.rest();
  expect((await rig.view(second.taskId)).state).toBe('running');
  await rig.stop();
});

verifies(
  'ORCH-1432',
  'a pool whose engine is unloaded admits and queues, and the start does not wait for it',
  async () => {
    const adapter = new TellingAdapter(UNLOADED);
    const rig = new Rig({ adapters: [adapter] });
    let isStarted = false;
    void rig.orchestrator.start(new AbortController().signal).then(() => (isStarted = true));
    await rig.rest();
    expect(isStarted).toBe(true);
    const { taskId } = await rig.accept();
    expect((await rig.view(taskId)).waitingFor?.reason).toBe('model_load');
    expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ ready: false, replicas: [{ state: 'unloaded' }] });
    adapter.become({ state: 'loading', progressRatio: 0.5 });
    await rig.rest();
    expect((await rig.orchestrator.pool(TEST_POOL))?.replicas[0]?.progressRatio).toBe(0.5);
    adapter.become(READY);
    await rig.rest();
    expect((await rig.view(taskId)).state).toBe('running');
    await rig.stop();
  },
);

verifies('ORCH-1417', 'an engine that tells of itself is asked at once', async () => {
  const adapter = new TellingAdapter();
  const rig = await new Rig({ adapters: [adapter] }).start();
  await rig.clock.advance(300);
  const states = async (): Promise<unknown> => (await rig.orchestrator.pool(TEST_POOL))?.replicas[0]?.state;
  adapter.become({ state: 'failed', error: new OrchError('WORKER_RESET') });
  await rig.rest();
  expect(await states()).toBe('failed');
  adapter.become(READY);
  await rig.rest();
  expect(await states()).toBe('ready');
  const { probeCount } = adapter;
  await rig.clock.advance(999);
  expect(adapter.probeCount).toBe(probeCount);
  await rig.clock.advance(1);
  expect(adapter.probeCount).toBe(probeCount + 1);
  await rig.stop();
  expect(adapter.listeners.size).toBe(0);
});

verifies(
  'ORCH-1418',
  'a failed pool says when its engine may be back, and one that may become ready queues',
  async () => {
    const failed = (retryAfterMs: number): WorkerHealth => ({
      state: 'failed',
      error: new OrchError('POOL_UNREADY', { message: 'Five crashes in a row.', retryAfterMs }),
    });
    const adapters = [new TellingAdapter(failed(240_000)), new TellingAdapter(failed(90_000))];
    const rig = await new Rig({ adapters }).start();
    expect(await rig.submit()).toMatchObject({ error: { code: 'POOL_UNREADY', retryAfterMs: 90_000 } });
    adapters[0]?.become(UNLOADED);
    await rig.rest();
    expect((await rig.submit()).outcome).toBe('accepted');
    await rig.stop();
  },
);

verifies('ORCH-1431', 'a job goes where the most device memory is free, and its receipt says why', async () => {
  const adapters = [new ManualAdapter(), new ManualAdapter(), new ManualAdapter()];
  const [small, split, large] = adapters as [ManualAdapter, ManualAdapter, ManualAdapter];
  small.devices = [{ id: 'nvidia:0', freeBytes: 2e9 }];
  split.devices = ['nvidia:1', 'nvidia:2'].map((id, index) => ({ id, freeBytes: index === 0 ? 90e9 : 1e9 }));
  large.devices = [{ id: 'nvidia:3', freeBytes: 8e9 }];
  const rig = await new Rig({ adapters }).start();
  const { taskId } = await rig.accept();
  for (let job = 0; job < 2; job += 1) await rig.accept();
  expect(adapters.map(({ jobs }) => jobs.length)).toEqual([1, 1, 1]);
  large.jobs[0]?.end();
  await rig.rest();
  expect((await rig.view(taskId)).receipt).toMatchObject({
    replicaId: 'replica-2',
    placementReason: 'most_free_vram',
  });
  const other = (await rig.orchestrator.list({ limit: 1 })).tasks[0];
  expect(other).toMatchObject({ state: 'running', replicaId: 'replica-1', placementReason: 'only_candidate' });
  split.jobs[0]?.fail(new OrchError('INVALID_PARAMS'));
  small.jobs[0]?.end();
  await rig.rest();
  expect(await rig.view(other?.task.id as TaskId)).toMatchObject({
    state: 'failed',
    placementReason: 'only_candidate',
  });
  small.devices = [{ id: 'nvidia:0', freeBytes: 20e9 }];
  await rig.clock.advance(1_000);
  await rig.accept();
  expect(adapters.map(({ jobs }) => jobs.length)).toEqual([2, 1, 1]);
  await rig.stop();
});
