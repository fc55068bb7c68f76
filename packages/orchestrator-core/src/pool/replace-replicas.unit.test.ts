// SPDX-License-Identifier: MIT
import { OrchError, type WorkerHealth, type WorkerProps } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { Rig, TEST_LIMITS, buildPool } from '../__fixtures__/rig.ts';
import type { ReplicaSpec, ReplicaView } from '../orchestrator-api.ts';
import type { PoolId, ReplicaId, SessionId } from '../task/ids.ts';
import { TEST_POOL } from '../testkit/index.ts';
import type { PoolPolicy } from './pool-operations.ts';

const NEW_PROPS: WorkerProps = { ...TEST_PROPS, modelId: 'new-model', modelDigest: 'sha256:11' };
const DOWN: WorkerHealth = { state: 'failed', error: new OrchError('WORKER_RESET', { message: 'No such file.' }) };

const POLICY: PoolPolicy = { modelRefs: ['new-ref'], maxTokensOut: 7, limits: TEST_LIMITS };

function engine(props: WorkerProps = NEW_PROPS): ManualAdapter {
  return new ManualAdapter({ state: 'ready', props });
}

function specOf(adapter: ManualAdapter, id = 'fresh'): ReplicaSpec {
  return { id: id as ReplicaId, adapter };
}

async function replicasOf(rig: Rig): Promise<readonly ReplicaView[]> {
  return (await rig.orchestrator.pool(TEST_POOL))?.replicas ?? [];
}

async function statesOf(rig: Rig): Promise<Record<string, string>> {
  return Object.fromEntries((await replicasOf(rig)).map(({ id, state }) => [id, state]));
}

verifies(
  'ORCH-1433',
  'jobs begin on the new replicas in one step, and what runs on an old one ends there',
  async () => {
    const rig = await new Rig().start();
    const running = await rig.accept();
    const waiting = await rig.accept();
    const fresh = engine();
    let isOver = false;
    void rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(fresh)]).then(() => (isOver = true));
    await rig.rest();
    expect(fresh.jobs.map(({ request }) => request.jobId)).toEqual([waiting.jobId]);
    expect(await statesOf(rig)).toEqual({ fresh: 'ready', 'replica-0': 'draining' });
    expect(isOver).toBe(false);
    rig.job.send('a');
    rig.job.end({ tokensOut: 1 });
    await rig.rest();
    expect(isOver).toBe(true);
    expect((await rig.view(running.taskId)).receipt).toMatchObject({
      replicaId: 'replica-0',
      modelDigest: 'sha256:00',
    });
    expect(await statesOf(rig)).toEqual({ fresh: 'ready' });
    expect(rig.adapter.jobs).toHaveLength(1);
    fresh.jobs[0]?.end();
    await rig.rest();
    expect((await rig.view(waiting.taskId)).receipt).toMatchObject({ replicaId: 'fresh', modelId: 'new-model' });
    await rig.stop();
  },
);

verifies('ORCH-1433', 'the old replicas serve until the new ones have answered', async () => {
  const rig = await new Rig().start();
  const slow = new ManualAdapter({ state: 'loading' });
  void rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(slow)]);
  await rig.accept();
  expect(rig.adapter.jobs).toHaveLength(1);
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready' });
  slow.health = { state: 'ready', props: NEW_PROPS };
  await rig.clock.advance(100);
  expect(await statesOf(rig)).toEqual({ fresh: 'ready', 'replica-0': 'draining' });
  rig.job.end();
  await rig.accept();
  expect([rig.adapter.jobs.length, slow.jobs.length]).toEqual([1, 1]);
  await rig.stop();
});

verifies('ORCH-1433', 'new replicas that cannot serve change nothing, and the reason is told', async () => {
  const rig = await new Rig().start();
  const events = rig.events.length;
  const outcome = rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(new ManualAdapter(DOWN))], POLICY);
  await expect(outcome).rejects.toMatchObject({
    code: 'POOL_UNREADY',
    message: 'None of the new replicas is ready, so the old ones serve on. No such file.',
  });
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready' });
  expect(rig.events).toHaveLength(events);
  expect((await rig.orchestrator.pool(TEST_POOL))?.maxTokensOut).toBe(32);
  await rig.accept();
  expect(rig.adapter.jobs).toHaveLength(1);
  expect(rig.clock.pendingCount).toBe(1);
  const twice = [specOf(engine()), specOf(engine())];
  await expect(rig.orchestrator.replaceReplicas(TEST_POOL, twice)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  await rig.stop();
});

verifies('ORCH-1433', 'where nothing serves there is nothing to lose', async () => {
  const rig = await new Rig({ adapters: [new ManualAdapter(DOWN)] }).start();
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(new ManualAdapter(DOWN), 'other')]);
  await rig.rest();
  expect(await statesOf(rig)).toEqual({ other: 'failed' });
  const fresh = engine();
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(fresh)]);
  await rig.accept();
  expect(fresh.jobs).toHaveLength(1);
  await rig.stop();
});

verifies('ORCH-1433', 'a replica that stays is kept with what it runs, and others join or leave it', async () => {
  const stays = new ManualAdapter();
  const rig = await new Rig({ adapters: [stays, new ManualAdapter()] }).start();
  await rig.accept();
  const probes = stays.probeCount;
  const joins = new ManualAdapter();
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(stays, 'replica-0'), specOf(joins, 'replica-2')]);
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready', 'replica-2': 'ready' });
  expect((await replicasOf(rig))[0]?.slotsBusy).toBe(1);
  expect(stays.probeCount).toBe(probes);
  await rig.accept();
  expect([stays.jobs.length, joins.jobs.length]).toEqual([1, 1]);
  joins.jobs[0]?.end();
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(stays, 'replica-0'), specOf(engine())]);
  expect(await statesOf(rig)).toMatchObject({ fresh: 'refused' });
  await rig.stop();
});

verifies('ORCH-1433', 'a change of policy alone waits for no replica', async () => {
  const adapters = [new ManualAdapter(), new ManualAdapter({ state: 'loading' })];
  const rig = await new Rig({ adapters }).start();
  const same = adapters.map((adapter, index) => specOf(adapter, `replica-${index}`));
  await rig.orchestrator.replaceReplicas(TEST_POOL, same, POLICY);
  expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ maxTokensOut: 7 });
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready', 'replica-1': 'loading' });
  await rig.stop();
});

verifies('ORCH-1433', 'one that comes back before it has gone has the slots that it had', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  const old = specOf(rig.adapter, 'replica-0');
  void rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine())]);
  await rig.rest();
  await rig.orchestrator.replaceReplicas(TEST_POOL, [old]);
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready' });
  await rig.accept();
  expect(rig.adapter.jobs).toHaveLength(1);
  rig.job.end();
  await rig.rest();
  expect((await rig.view(taskId)).state).toBe('completed');
  expect(rig.adapter.jobs).toHaveLength(2);
  await rig.stop();
});

verifies(
  ['ORCH-1433', 'ORCH-1230'],
  'a strict job whose old replica dies is replayed on an equal new one',
  async () => {
    const rig = await new Rig().start();
    const { taskId, jobId } = await rig.accept();
    rig.job.send('a');
    const fresh = engine(TEST_PROPS);
    const exchange = rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(fresh)]);
    await rig.rest();
    rig.job.fail(new OrchError('WORKER_RESET'));
    await exchange;
    await rig.rest();
    expect(fresh.jobs[0]?.request.jobId).toBe(jobId);
    fresh.jobs[0]?.send('a', 'b');
    fresh.jobs[0]?.end({ tokensOut: 2 });
    await rig.rest();
    expect((await rig.view(taskId)).output?.text).toBe('ab');
    await rig.stop();
  },
);

verifies(
  ['ORCH-1433', 'ORCH-1230'],
  'a strict job of which nobody has read a token runs on whatever comes',
  async () => {
    const rig = await new Rig().start();
    const unread = await rig.accept();
    await rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 0 });
    const fresh = engine();
    await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(fresh)]);
    await rig.orchestrator.resumePool(TEST_POOL);
    await rig.rest();
    expect(fresh.jobs[0]?.request.jobId).toBe(unread.jobId);
    fresh.jobs[0]?.send('a');
    void rig.orchestrator.drainPool(TEST_POOL, { deadlineMs: 0 });
    await rig.rest();
    await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine(TEST_PROPS), 'other')]);
    await rig.orchestrator.resumePool(TEST_POOL);
    await rig.rest();
    expect((await rig.view(unread.taskId)).waitingFor?.reason).toBe('engine_return');
    await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(fresh)]);
    await rig.rest();
    expect(fresh.jobs[1]?.request.jobId).toBe(unread.jobId);
    await rig.stop();
  },
);

verifies('ORCH-1433', 'a new replica of the same name takes over no warmth, and no slots', async () => {
  const rig = await new Rig().start();
  const sessionId = 'talk' as SessionId;
  await rig.accept({ sessionId });
  rig.job.end();
  await rig.accept({ sessionId });
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: true });
  const namesake = engine();
  void rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(namesake, 'replica-0')]);
  await rig.rest();
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: false });
  const told = rig.events.length;
  await rig.accept();
  expect(namesake.jobs).toHaveLength(1);
  expect(rig.meter.total('slots_busy', { pool_id: TEST_POOL, replica_id: 'replica-0' })).toBe(1);
  rig.job.end();
  await rig.rest();
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: false });
  expect(rig.events.slice(told).filter(({ kind }) => kind === 'replica')).toEqual([]);
  await rig.stop();
});

verifies('ORCH-1433', 'what the pool answers to changes in the same step, and old jobs predict nothing', async () => {
  const rig = await new Rig().start();
  for (let job = 0; job < 3; job += 1) {
    await rig.accept();
    await rig.clock.advance(1_000);
    rig.job.end();
    await rig.rest();
  }
  expect(await rig.orchestrator.pool(TEST_POOL)).toMatchObject({ serviceTimeMs: { sampleCount: 3 } });
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine())], POLICY);
  expect((await rig.orchestrator.pool(TEST_POOL))?.serviceTimeMs).toBeUndefined();
  expect(await rig.submit({ modelRef: 'test-ref' })).toMatchObject({ error: { code: 'POOL_UNAVAILABLE' } });
  expect(await rig.submit({ modelRef: 'test-model' })).toMatchObject({ error: { code: 'POOL_UNAVAILABLE' } });
  const { taskId } = await rig.accept({ modelRef: 'new-ref' });
  expect((await rig.view(taskId)).task.maxTokens).toBe(7);
  expect(rig.meter.total('model_state', { pool_id: TEST_POOL, model_id: 'test-model' })).toBe(0);
  expect(rig.meter.total('model_state', { pool_id: TEST_POOL, model_id: 'new-model' })).toBe(1);
  await rig.stop();
});

verifies('ORCH-1433', 'a pool that is removed meanwhile is not exchanged any more', async () => {
  const pools = [buildPool(TEST_POOL, [new ManualAdapter()]), buildPool('other' as PoolId, [new ManualAdapter()])];
  const rig = await new Rig({ pools }).start();
  const exchange = rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(new ManualAdapter({ state: 'loading' }))]);
  const outcome = expect(exchange).rejects.toMatchObject({ code: 'POOL_UNAVAILABLE' });
  await rig.rest();
  await rig.orchestrator.removePool(TEST_POOL);
  await outcome;
  await rig.stop();
});

verifies('ORCH-1430', 'a replica that is not what the pool is pinned to is refused with both values', async () => {
  const adapters = [engine({ ...TEST_PROPS, engineVersion: '2.0' })];
  const pins = { engineVersion: '1.0', modelDigest: 'sha256:00' };
  const rig = await new Rig({ pools: [{ ...buildPool(TEST_POOL, adapters), pins }] }).start();
  const reason = 'Its engine_version is 2.0, but the pool is pinned to 1.0.';
  expect(await replicasOf(rig)).toMatchObject([{ state: 'refused', lastError: reason }]);
  // It is started once more, with the right version.
  const [replica] = adapters;
  if (replica !== undefined) replica.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(1_000);
  expect(await statesOf(rig)).toEqual({ 'replica-0': 'ready' });
  const exchange = rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine())]);
  await expect(exchange).rejects.toMatchObject({
    message: expect.stringContaining('Its model_digest is sha256:11, but the pool is pinned to sha256:00.') as string,
  });
  const repin = { ...POLICY, pins: { modelDigest: 'sha256:11' } };
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine())], repin);
  expect(await statesOf(rig)).toEqual({ fresh: 'ready' });
  await rig.orchestrator.replaceReplicas(TEST_POOL, [specOf(engine(TEST_PROPS), 'other')], POLICY);
  expect(await statesOf(rig)).toEqual({ other: 'ready' });
  await rig.stop();
});

verifies('ORCH-1430', 'the tasks of a pool have the sampler profile it is pinned to', async () => {
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1 };
  const plain = { ...sampling, presencePenalty: 0, frequencyPenalty: 0, stop: [] };
  const samplerProfiles = [
    { version: 'default-1', sampling: plain },
    { version: 'warm-2', sampling: { ...plain, temperature: 1 } },
  ];
  const pools = [{ ...buildPool(TEST_POOL, [new ManualAdapter()]), pins: { samplerProfileVersion: 'warm-2' } }];
  const rig = await new Rig({ pools, samplerProfiles }).start();
  const { taskId } = await rig.accept();
  const { task } = await rig.view(taskId);
  expect([task.samplerProfileVersion, task.sampling.temperature]).toEqual(['warm-2', 1]);
  expect(await rig.submit({ samplerProfileVersion: 'default-1' })).toMatchObject({
    error: {
      code: 'INVALID_PARAMS',
      message: 'The pool is pinned to the sampler profile warm-2, but the task asks for default-1.',
      details: { field: '$.sampler_profile_version', limit: 'warm-2' },
    },
  });
  const lost = { ...buildPool('lost' as PoolId, []), pins: { samplerProfileVersion: 'gone' } };
  await expect(rig.orchestrator.addPool(lost)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  await rig.stop();
});
