// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { FAKE_PROPS, replicaRig, TASK } from '../__fixtures__/fake-engines.ts';

const never = new AbortController().signal;

verifies('ORCH-1405', 'unloading waits for the runs that go on and takes no new ones', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  const run = replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  let isUnloaded = false;
  const unloaded = replica.unload().then(() => (isUnloaded = true));
  await clock.advance(60_000);
  expect([isUnloaded, replica.view().state, launcher.last.stopCount]).toEqual([false, 'draining', 0]);
  expect(await replica.adapter.probe(never)).toEqual({ state: 'unloaded' });
  await expect(replica.adapter.run(TASK, { onTokens: () => undefined }, never)).rejects.toMatchObject({
    code: 'WORKER_RESET',
  });
  launcher.last.adapter.generations[0]?.end();
  await expect(run).resolves.toMatchObject({ finishReason: 'length' });
  await unloaded;
  expect([replica.view().state, launcher.last.stopCount]).toEqual(['stopped', 1]);
});

verifies('ORCH-1405', 'a replica is stopped only when its engine is gone', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  launcher.last.obeys = false;
  const unloaded = replica.unload();
  await clock.advance(60_000);
  expect(replica.view().state).toBe('draining');
  launcher.last.release();
  await unloaded;
  expect(replica.view().state).toBe('stopped');
});

verifies('ORCH-1410', 'unloading ends a load at once', async () => {
  const { replica, launcher, clock } = replicaRig();
  launcher.prepare = (engine) => (engine.adapter.health = { state: 'loading' });
  const loaded = replica.load();
  loaded.catch(() => undefined);
  await clock.advance(1_000);
  await replica.unload();
  await expect(loaded).rejects.toMatchObject({ code: 'POOL_UNREADY', details: { reason: 'stopped' } });
  expect([replica.view().state, launcher.last.stopCount]).toEqual(['stopped', 1]);
  expect(clock.pendingCount).toBe(0);
});

verifies('ORCH-1410', 'unloading ends the wait of a crashed replica', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  launcher.last.exit();
  await clock.advance(0);
  await replica.unload();
  expect(replica.view().state).toBe('stopped');
  await clock.advance(60_000);
  expect([launcher.attemptCount, clock.pendingCount]).toEqual([1, 0]);
});

verifies('ORCH-1410', 'a load that comes while the old engine goes starts a new one', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  launcher.last.obeys = false;
  const unloaded = replica.unload();
  await clock.advance(0);
  const loaded = replica.load({ devices: ['nvidia:1'] });
  await clock.advance(1_000);
  expect(launcher.attemptCount).toBe(1);
  launcher.last.release();
  await Promise.all([unloaded, loaded]);
  expect([launcher.attemptCount, replica.view().state]).toEqual([2, 'ready']);
  expect(launcher.last.given.devices).toEqual(['nvidia:1']);
});

verifies('ORCH-1410', 'loads that meet share one engine, and a crash during a load is part of it', async () => {
  const { replica, launcher, clock } = replicaRig();
  launcher.prepare = (engine) => (engine.adapter.health = { state: 'loading' });
  const loads = [replica.load(), replica.load()];
  await clock.advance(0);
  launcher.prepare = () => undefined;
  launcher.last.exit();
  await clock.advance(1_000);
  await Promise.all(loads);
  expect([launcher.attemptCount, replica.view().state]).toEqual([2, 'ready']);
});

verifies('ORCH-1410', 'a restart ends the runs and brings another engine', async () => {
  const { replica, launcher } = replicaRig();
  await replica.load();
  const run = replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  const restarted = replica.restart();
  await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
  await restarted;
  expect([launcher.engines[0]?.stopCount, launcher.attemptCount, replica.view().state]).toEqual([1, 2, 'ready']);
});

verifies('ORCH-1405', 'closing waits for nobody and leaves nothing behind', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  const run = replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  const ended = expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
  await Promise.all([replica.close(), replica.adapter.close()]);
  await ended;
  expect([launcher.last.stopCount, clock.pendingCount, replica.view().state]).toEqual([1, 0, 'stopped']);
  await expect(replica.load()).rejects.toMatchObject({ code: 'POOL_UNREADY' });
});

verifies(
  'ORCH-1401',
  'an external engine that goes away is waited for without end, with back-off and without a restart',
  async () => {
    const { replica, launcher, clock } = replicaRig({ provisioning: 'external' });
    expect(replica.adapter.restart).toBeUndefined();
    await replica.load();
    launcher.last.adapter.health = { state: 'loading' };
    await clock.advance(60_000);
    expect(replica.view().state).toBe('ready');
    const error = new OrchError('WORKER_RESET', { message: 'Nobody listens there.' });
    launcher.last.adapter.health = { state: 'failed', error };
    await clock.advance(15_000);
    expect(replica.view()).toMatchObject({ state: 'backoff', reason: 'unreachable' });
    launcher.prepare = (engine) => {
      engine.adapter.health = { state: 'failed', error };
    };
    await clock.advance(3_600_000);
    expect(replica.view()).toMatchObject({ state: 'backoff', lastError: 'Nobody listens there.' });
    expect(await replica.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'POOL_UNREADY' } });
    expect(launcher.attemptCount).toBeGreaterThan(100);
    expect(launcher.attemptCount).toBeLessThan(180);
    expect(launcher.engines.filter(({ stopCount }) => stopCount === 1)).toHaveLength(launcher.attemptCount);
    // To knock again is no sign of it; what it says of itself is.
    launcher.prepare = (engine) => (engine.adapter.health = undefined);
    await clock.advance(40_000);
    expect(replica.view().state).toBe('loading');
    expect(await replica.adapter.probe(never)).toMatchObject({ state: 'failed', error: { code: 'POOL_UNREADY' } });
    launcher.last.adapter.health = { state: 'loading' };
    await clock.advance(10_000);
    expect(await replica.adapter.probe(never)).toEqual({ state: 'loading' });
    launcher.last.adapter.health = { state: 'ready', props: FAKE_PROPS };
    await clock.advance(30_000);
    expect(replica.view().state).toBe('ready');
    await replica.close();
  },
);

verifies('ORCH-1411', 'an engine in this process that cannot load is tried again', async () => {
  const { replica, launcher, clock } = replicaRig({ provisioning: 'embedded' });
  launcher.prepare = (engine) => {
    engine.adapter.health = { state: 'failed', error: new OrchError('INTERNAL', { message: 'No such file.' }) };
  };
  const loaded = replica.load();
  await clock.advance(0);
  expect(replica.view()).toMatchObject({ state: 'backoff', reason: 'load_failed', lastError: 'No such file.' });
  launcher.prepare = () => undefined;
  await clock.advance(1_000);
  await loaded;
});
