// SPDX-License-Identifier: MIT
import { OrchError, type WorkerHealth } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { Rig } from '../__fixtures__/rig.ts';
import type { ReplicaId, SessionId } from '../task/ids.ts';
import { FakeClock } from '../testkit/index.ts';
import { Replica } from './replica.ts';
import { whyNotInSet } from './replica-set.ts';

const DOWN: WorkerHealth = { state: 'failed', error: new OrchError('WORKER_RESET', { message: 'no answer' }) };

/** Milliseconds at which probes were sent. */
async function probeTimes(adapter: ManualAdapter, forMs: number): Promise<readonly number[]> {
  const clock = new FakeClock();
  const times: number[] = [];
  const probe = adapter.probe.bind(adapter);
  adapter.probe = (signal) => {
    times.push(clock.nowMs());
    return probe(signal);
  };
  const replica = new Replica({
    spec: { id: 'r' as ReplicaId, adapter },
    clock,
    probeIntervalMs: 1_000,
    whyNot: () => undefined,
    readsDevices: () => false,
    onChange: () => undefined,
  });
  replica.start();
  replica.start();
  await clock.advance(forMs);
  replica.stop();
  expect(clock.pendingCount).toBe(0);
  return times;
}

verifies(
  'ORCH-3460',
  'replicas are probed slowly when ready, fast while loading, and ever slower while failing',
  async () => {
    expect(await probeTimes(new ManualAdapter(), 2_500)).toEqual([0, 1_000, 2_000]);
    expect(await probeTimes(new ManualAdapter({ state: 'loading' }), 350)).toEqual([0, 100, 200, 300]);
    expect(await probeTimes(new ManualAdapter(DOWN), 4_000)).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500]);
  },
);

verifies('ORCH-3460', 'a probe without an answer has failed after five seconds', async () => {
  const silent = new ManualAdapter();
  silent.health = undefined;
  const rig = await new Rig({ adapters: [silent] }).start();
  await rig.clock.advance(4_999);
  expect((await rig.orchestrator.pools())[0]?.replicas[0]?.state).toBe('loading');
  await rig.clock.advance(1);
  const [pool] = await rig.orchestrator.pools();
  expect(pool?.replicas[0]).toMatchObject({ state: 'failed', lastError: 'It did not answer a probe within 5000 ms.' });
  expect(pool?.lastError).toContain('5000 ms');
  await rig.stop();
});

verifies('ORCH-3461', 'after a fault of a job the replica takes none until a probe finds it ready', async () => {
  const rig = await new Rig().start();
  await rig.accept({ sessionId: 'talk' as SessionId });
  rig.job.end();
  await rig.rest();
  expect(await rig.orchestrator.session('talk' as SessionId)).toMatchObject({ kvWarmth: true });
  const before = rig.adapter.probeCount;
  await rig.accept();
  await rig.accept();
  rig.adapter.health = DOWN;
  rig.job.fail(new OrchError('WORKER_RESET'));
  await rig.rest();
  expect(rig.adapter.probeCount).toBe(before + 1);
  expect(rig.adapter.jobs).toHaveLength(2);
  expect(await rig.orchestrator.session('talk' as SessionId)).toMatchObject({ kvWarmth: false });
  rig.adapter.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(100);
  expect(rig.adapter.jobs).toHaveLength(3);
  await rig.stop();
});

verifies(
  'ORCH-3461',
  'faults in a row make the next probe come ever later, and a job that ends well forgives them',
  async () => {
    const rig = await new Rig().start();
    const waits: number[] = [];
    for (let fault = 0; fault < 4; fault += 1) {
      await rig.accept();
      const failedAtMs = rig.clock.nowMs();
      rig.job.fail(new OrchError('WORKER_RESET'));
      await rig.rest();
      const probes = rig.adapter.probeCount;
      if ((await rig.orchestrator.pools())[0]?.ready !== true) {
        while (rig.adapter.probeCount === probes) rig.clock.fireNext();
      }
      waits.push(rig.clock.nowMs() - failedAtMs);
      await rig.rest();
    }
    expect(waits).toEqual([0, 100, 200, 400]);
    await rig.accept();
    rig.job.end();
    await rig.rest();
    await rig.accept();
    rig.job.fail(new OrchError('WORKER_RESET'));
    await rig.rest();
    expect((await rig.orchestrator.pools())[0]?.ready).toBe(true);
    await rig.stop();
  },
);

verifies(
  'ORCH-3462',
  'a replica that differs is refused with the difference, until nothing ready differs from it',
  async () => {
    const first = new ManualAdapter();
    const other = new ManualAdapter({ state: 'ready', props: { ...TEST_PROPS, engineVersion: '2.0' } });
    const rig = await new Rig({ adapters: [first, other] }).start();
    const states = async (): Promise<unknown> =>
      (await rig.orchestrator.pools())[0]?.replicas.map(({ state, lastError }) => [state, lastError]);
    const reason = 'Its engine_version is 2.0, but the pool serves 1.0.';
    expect(await states()).toEqual([
      ['ready', undefined],
      ['refused', reason],
    ]);
    await rig.accept();
    await rig.accept();
    expect(other.jobs).toHaveLength(0);
    first.health = DOWN;
    await rig.clock.advance(2_000);
    expect(await states()).toEqual([
      ['failed', 'no answer'],
      ['ready', undefined],
    ]);
    expect(other.jobs).toHaveLength(1);
    await rig.stop();
  },
);

verifies('ORCH-3462', 'engine, version and digest must agree, and nothing else', () => {
  expect(whyNotInSet(TEST_PROPS, { ...TEST_PROPS, slots: 9, ctxMaxTokens: 1 })).toBeUndefined();
  expect(whyNotInSet(TEST_PROPS, { ...TEST_PROPS, engine: 'x' })).toContain('engine is x');
  const unknown = { ...TEST_PROPS, modelDigest: undefined };
  expect(whyNotInSet(TEST_PROPS, unknown)).toBe('Its model_digest is unknown, but the pool serves sha256:00.');
});
