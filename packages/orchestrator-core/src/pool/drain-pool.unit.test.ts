// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter } from '../__fixtures__/manual-adapter.ts';
import { Rig, buildPool, drain } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import type { PoolId } from '../task/ids.ts';
import { TEST_POOL } from '../testkit/index.ts';

const OTHER_POOL = 'other' as PoolId;

/** Whether the promise has resolved once everything is at rest. */
async function isDone(rig: Rig, promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await rig.rest();
  return done;
}

verifies(
  ['ORCH-1450', 'ORCH-1451'],
  'a resume that was asked for while tasks come back undoes no later drain',
  async () => {
    const rig = new Rig({ disk: new SimDisk() });
    const resumed = rig.orchestrator.resumePool(TEST_POOL);
    const drained = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 1_000 });
    await rig.start();
    await Promise.all([resumed, drained]);
    expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ draining: true });
    await rig.stop();
  },
);

verifies('ORCH-1450', 'a drained pool refuses new tasks, keeps what waits and lets what runs finish', async () => {
  const rig = await new Rig().start();
  const running = await rig.accept();
  const waiting = await rig.accept();
  const drained = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 10_000 });
  const refusal = await rig.submit();
  expect(refusal).toMatchObject({ error: { code: 'POOL_UNREADY', retryAfterMs: 1_000 } });
  expect(refusal.outcome === 'rejected' && refusal.error.message).toBe(
    'Pool haiku is being drained and takes no new tasks.',
  );
  expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ draining: true, queued: { interactive: 1 } });
  expect(await isDone(rig, drained)).toBe(false);
  rig.job.send('a');
  rig.job.end({ tokensOut: 1 });
  expect(await isDone(rig, drained)).toBe(true);
  expect((await rig.view(running.taskId)).state).toBe('completed');
  expect(await rig.view(waiting.taskId)).toMatchObject({
    state: 'queued',
    queuePosition: 0,
    waitingFor: { reason: 'pool_draining' },
  });
  expect((await rig.view(waiting.taskId)).predictedStartMs).toBeUndefined();
  expect(rig.adapter.jobs).toHaveLength(1);
  expect(rig.clock.pendingCount).toBe(1);
  await rig.stop();
});

verifies(
  ['ORCH-1450', 'ORCH-1231'],
  'at the deadline strict jobs wait for their replay and others end WORKER_RESET',
  async () => {
    const adapters = [new ManualAdapter(), new ManualAdapter(), new ManualAdapter()];
    const rig = await new Rig({ adapters, disk: new SimDisk() }).start();
    const strict = await rig.accept();
    const loose = await rig.accept({ determinism: 'best_effort' });
    const mute = await rig.accept({ determinism: 'best_effort' });
    adapters[0]?.jobs[0]?.send('a', 'b');
    adapters[1]?.jobs[0]?.send('x');
    const reader = await rig.read(strict.taskId);
    const drained = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 5_000 });
    await rig.clock.advance(4_999);
    expect((await rig.view(strict.taskId)).state).toBe('running');
    await rig.clock.advance(1);
    expect(await isDone(rig, drained)).toBe(true);
    expect(await rig.view(loose.taskId)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
    for (const { taskId } of [strict, mute]) expect((await rig.view(taskId)).state).toBe('queued');
    await rig.orchestrator.resumePool(TEST_POOL);
    await rig.rest();
    const replay = adapters.flatMap(({ jobs }) => jobs).findLast(({ request }) => request.jobId === strict.jobId);
    replay?.send('a', 'b', 'c');
    replay?.end({ tokensOut: 3 });
    await rig.rest();
    expect((await rig.view(strict.taskId)).output?.text).toBe('abc');
    expect(drain(reader).flatMap((chunk) => (chunk.kind === 'tokens' ? chunk.texts : []))).toEqual(['a', 'b', 'c']);
    expect((await rig.view(strict.taskId)).receipt?.earlierAttempts).toMatchObject([{ reason: 'STOP' }]);
    await rig.stop();
  },
);

verifies(
  'ORCH-1450',
  'of several drains the earliest deadline counts, and a second one changes nothing else',
  async () => {
    const rig = await new Rig().start();
    const { taskId } = await rig.accept();
    const first = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 60_000 });
    const second = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 1_000 });
    await rig.clock.advance(1_000);
    expect(await isDone(rig, Promise.all([first, second]))).toBe(true);
    expect((await rig.view(taskId)).state).toBe('queued');
    expect(await isDone(rig, rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 0 }))).toBe(true);
    await rig.stop();
  },
);

verifies('ORCH-1451', 'a resumed pool admits and dispatches again, and a drain under way is over', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const waiting = await rig.accept();
  const drained = rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 1_000 });
  await rig.orchestrator.steer({ kind: 'pause', poolId: TEST_POOL });
  await rig.orchestrator.resumePool(TEST_POOL);
  await rig.orchestrator.resumePool(TEST_POOL);
  expect(await isDone(rig, drained)).toBe(true);
  expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ draining: false, paused: false });
  await rig.clock.advance(5_000);
  expect(rig.adapter.jobs).toHaveLength(1);
  rig.job.end();
  await rig.rest();
  expect((await rig.view(waiting.taskId)).state).toBe('running');
  expect((await rig.submit()).outcome).toBe('accepted');
  await rig.stop();
});

verifies('ORCH-1450', 'what is not pinned to a drained pool goes to another one', async () => {
  const [first, second] = [new ManualAdapter(), new ManualAdapter()];
  const pools = [buildPool(TEST_POOL, [first]), buildPool(OTHER_POOL, [second])];
  const rig = await new Rig({ pools }).start();
  void rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 0 });
  expect((await rig.accept()).poolId).toBe(OTHER_POOL);
  expect(await rig.submit({ poolId: TEST_POOL })).toMatchObject({ error: { code: 'POOL_UNREADY' } });
  await rig.stop();
});

verifies(
  'ORCH-1457',
  'a pool that is added serves while others do, and one that is removed ends what waits',
  async () => {
    const rig = await new Rig().start();
    const own = await rig.accept();
    const added = new ManualAdapter();
    await rig.orchestrator.addPool(buildPool(OTHER_POOL, [added]));
    await rig.rest();
    const [running, waiting] = [await rig.accept({ poolId: OTHER_POOL }), await rig.accept({ poolId: OTHER_POOL })];
    expect(added.jobs).toHaveLength(1);
    await rig.orchestrator.removePool(OTHER_POOL);
    for (const { taskId } of [running, waiting]) {
      expect(await rig.view(taskId)).toMatchObject({ state: 'failed', error: { code: 'POOL_UNAVAILABLE' } });
    }
    expect(await rig.orchestrator.pool(OTHER_POOL)).toBeUndefined();
    expect(await rig.submit({ poolId: OTHER_POOL })).toMatchObject({ error: { code: 'POOL_UNAVAILABLE' } });
    expect((await rig.view(own.taskId)).state).toBe('running');
    rig.job.end();
    await rig.rest();
    expect((await rig.view(own.taskId)).state).toBe('completed');
    await rig.stop();
  },
);

verifies('ORCH-1457', 'a pool that comes back finds the tasks another process left for it', async () => {
  const disk = new SimDisk();
  const pools = [buildPool(TEST_POOL, [new ManualAdapter()]), buildPool(OTHER_POOL, [new ManualAdapter()])];
  const rig = await new Rig({ disk, pools }).start();
  await rig.accept({ poolId: OTHER_POOL });
  const waiting = await rig.accept({ poolId: OTHER_POOL });
  const next = await rig.restart({ pools: [buildPool(TEST_POOL, [new ManualAdapter()])] });
  const back = new ManualAdapter();
  await next.orchestrator.addPool(buildPool(OTHER_POOL, [back]));
  await next.rest();
  expect(back.jobs).toHaveLength(1);
  expect(next.orchestrator.demand()).toMatchObject([{ waitingCount: 0 }, { waitingCount: 1, runningCount: 1 }]);
  expect((await next.view(waiting.taskId)).queuePosition).toBe(0);
  await next.stop();
});

verifies('ORCH-1457', 'a pool that is there is not added, and one that is not there is not operated', async () => {
  const rig = await new Rig().start();
  const { orchestrator } = rig;
  await expect(orchestrator.addPool(buildPool(TEST_POOL, []))).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  const acts = [
    orchestrator.drainPool(OTHER_POOL, { deadlineMs: 0 }),
    orchestrator.resumePool(OTHER_POOL),
    orchestrator.removePool(OTHER_POOL),
    orchestrator.replaceReplicas(OTHER_POOL, []),
  ];
  for (const act of acts) await expect(act).rejects.toMatchObject({ code: 'NOT_FOUND' });
  orchestrator.holdPool(OTHER_POOL, true);
  await rig.stop();
});

verifies('ORCH-1457', 'a pool that is added before the start is started with the others', async () => {
  const rig = new Rig();
  const added = new ManualAdapter();
  await rig.orchestrator.addPool(buildPool(OTHER_POOL, [added]));
  expect(added.probeCount).toBe(0);
  await rig.start();
  const { taskId } = await rig.accept({ poolId: OTHER_POOL });
  expect((await rig.view(taskId)).state).toBe('running');
  await rig.stop();
});
