// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { FAKE_PROPS, replicaRig, TASK, type ReplicaRig } from '../__fixtures__/fake-engines.ts';
import { engineFault } from '../engine-fault.ts';

const never = new AbortController().signal;

/** Lets the replica crash `count` times, each time at once after its start. */
async function crash({ clock, launcher }: ReplicaRig, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    launcher.last.exit();
    await clock.advance(done === count - 1 ? 0 : 30_000);
  }
}

verifies('ORCH-1400', 'a replica is loaded, used and unloaded through ports alone', async () => {
  const { replica, launcher } = replicaRig();
  expect(await replica.adapter.probe(never)).toEqual({ state: 'unloaded' });
  await replica.load();
  expect(await replica.adapter.probe(never)).toEqual({ state: 'ready', props: FAKE_PROPS });
  expect(await replica.adapter.metrics(never)).toEqual({ slotsBusy: 0 });
  const run = replica.adapter.run({ ...TASK, maxTokens: 1 }, { onTokens: () => undefined }, never);
  await expect(run).resolves.toMatchObject({ tokensOut: 1 });
  await replica.unload();
  expect(launcher.last.stopCount).toBe(1);
  expect(replica.view()).toMatchObject({ state: 'stopped', provisioning: 'managed' });
  expect(await replica.adapter.probe(never)).toEqual({ state: 'unloaded' });
});

verifies('ORCH-1410', 'listeners hear of every change of health, and only while they listen', async () => {
  const { replica } = replicaRig();
  const states: string[] = [];
  const stop = replica.adapter.onHealthChange?.(() => states.push(replica.view().state));
  await replica.load();
  await replica.unload();
  expect(states).toEqual(['starting', 'loading', 'testing', 'ready', 'draining', 'stopped']);
  stop?.();
  await replica.load();
  expect(states).toHaveLength(6);
});

verifies('ORCH-1413', 'an engine of ours that has just failed is on its way back, so its work may wait', async () => {
  const { replica, launcher } = replicaRig();
  await replica.load();
  launcher.last.adapter.health = { state: 'failed', error: new OrchError('WORKER_RESET', { message: 'It crashed.' }) };
  expect(await replica.adapter.probe(never)).toEqual({ state: 'loading' });
  const foreign = replicaRig({ provisioning: 'external' });
  await foreign.replica.load();
  foreign.launcher.last.adapter.health = { state: 'failed', error: new OrchError('WORKER_RESET') };
  expect(await foreign.replica.adapter.probe(never)).toMatchObject({ state: 'failed' });
});

verifies('ORCH-1406', 'a replica is loading until its self-test has passed', async () => {
  const { replica, launcher, clock } = replicaRig();
  launcher.prepare = (engine) => (engine.adapter.health = { state: 'loading', progressRatio: 0.4 });
  const loaded = replica.load();
  await clock.advance(1_000);
  expect(replica.view().state).toBe('loading');
  expect(await replica.adapter.probe(never)).toEqual({ state: 'loading', progressRatio: 0.4 });
  await expect(replica.adapter.run(TASK, { onTokens: () => undefined }, never)).rejects.toMatchObject({
    code: 'WORKER_RESET',
  });
  launcher.last.adapter.health = { state: 'ready', props: FAKE_PROPS };
  await clock.advance(1_000);
  await loaded;
  expect(launcher.last.adapter.requests.map(({ jobId }) => jobId)).toEqual(['self-test', 'self-test']);
});

verifies('ORCH-1406', 'an engine whose canceled slot does not come free is not ready and is restarted', async () => {
  const { replica, launcher, clock } = replicaRig();
  launcher.prepare = (engine) => (engine.adapter.letsGo = false);
  const loaded = replica.load({ attemptCount: 1 });
  loaded.catch(() => undefined);
  await clock.advance(59_999);
  expect(replica.view().state).toBe('testing');
  await clock.advance(1);
  await expect(loaded).rejects.toMatchObject({ code: 'POOL_UNREADY', details: { reason: 'self_test' } });
  expect(launcher.last.stopCount).toBe(1);
});

verifies('ORCH-1407', 'the view names the state, since when, the last error, its cure and the last lines', async () => {
  const { replica, launcher, clock } = replicaRig();
  launcher.prepare = ({ lines }) => lines.push(...Array.from({ length: 30 }, (_, index) => `line ${index}`));
  await replica.load();
  launcher.last.exit('device_memory', 'The memory of its device ran out: it exited with 1 status.');
  await clock.advance(100);
  const view = replica.view();
  expect(view).toMatchObject({ state: 'backoff', sinceMs: 100, reason: 'device_memory' });
  expect(view.lastError).toBe('The memory of its device ran out: it exited with 1 status.');
  expect(view.cure).toContain('smaller quantization');
  expect(view.retryInMs).toBeGreaterThan(0);
  expect([view.logTail.length, view.logTail.at(-1)]).toEqual([20, 'line 29']);
  await clock.advance(1_000);
  expect(replica.view()).not.toHaveProperty('lastError');
});

verifies(
  'ORCH-1407',
  'an engine that answers but is the wrong one says so while it loads and when its time is over',
  async () => {
    const { replica, launcher, clock } = replicaRig({ limits: { loadTimeoutMs: 10_000 } });
    const unfit = new OrchError('POOL_UNREADY', { message: 'The engine serves another model than configured.' });
    launcher.prepare = (engine) => (engine.adapter.health = { state: 'failed', error: unfit });
    const loaded = replica.load({ attemptCount: 1 });
    loaded.catch(() => undefined);
    await clock.advance(5_000);
    expect(replica.view()).toMatchObject({ state: 'loading', reason: 'unfit', lastError: unfit.message });
    await clock.advance(5_000);
    await expect(loaded).rejects.toMatchObject({ details: { reason: 'load_timeout' } });
    expect(replica.view().lastError).toBe(
      'It did not get ready within 10000 ms; it said: The engine serves another model than configured.',
    );
  },
);

verifies('ORCH-1407', 'that a loading engine does not listen yet is no error', async () => {
  const { replica, launcher, clock } = replicaRig();
  const error = new OrchError('WORKER_RESET', { details: { reason: 'connection_lost' } });
  launcher.prepare = (engine) => (engine.adapter.health = { state: 'failed', error });
  void replica.load().catch(() => undefined);
  await clock.advance(5_000);
  expect(replica.view()).not.toHaveProperty('lastError');
  await replica.close();
});

verifies('ORCH-1411', 'a crashed engine is started again after the back-off, when the old one is gone', async () => {
  const rig = replicaRig();
  const { replica, launcher, clock } = rig;
  await replica.load();
  launcher.last.obeys = false;
  launcher.last.exit();
  await clock.advance(399);
  expect([replica.view().state, launcher.attemptCount]).toEqual(['backoff', 1]);
  expect(await replica.adapter.probe(never)).toEqual({ state: 'loading' });
  await clock.advance(10_000);
  expect(launcher.attemptCount).toBe(1);
  launcher.engines[0]?.release();
  await clock.advance(0);
  expect([replica.view().state, launcher.attemptCount]).toEqual(['ready', 2]);
});

verifies('ORCH-1412', 'a crash loop ends in failed, without a start until the trial after 5 minutes', async () => {
  const { replica, launcher, clock, logger } = replicaRig();
  launcher.fault = engineFault('not_startable', 'The command x could not be started (ENOENT).');
  const loaded = replica.load();
  loaded.catch(() => undefined);
  await clock.advance(60_000);
  await expect(loaded).rejects.toMatchObject({ code: 'POOL_UNREADY', details: { reason: 'not_startable' } });
  expect(launcher.attemptCount).toBe(5);
  expect(replica.view().state).toBe('failed');
  const health = await replica.adapter.probe(never);
  expect(health).toMatchObject({ state: 'failed', error: { code: 'POOL_UNREADY' } });
  if (health.state === 'failed') expect(health.error.retryAfterMs).toBe(replica.view().retryInMs);
  await clock.advance(240_000);
  expect(launcher.attemptCount).toBe(5);
  await clock.advance(20_000);
  expect([launcher.attemptCount, replica.view().state]).toEqual([6, 'failed']);
  launcher.fault = undefined;
  await clock.advance(300_000);
  expect(replica.view().state).toBe('ready');
  expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(6);
});

verifies('ORCH-1412', 'an operator who loads a failed replica is obeyed at once, with all attempts anew', async () => {
  const rig = replicaRig();
  await rig.replica.load();
  await crash(rig, 1);
  rig.launcher.fault = engineFault('exited', 'It exited with 1 status.');
  await rig.clock.advance(60_000);
  expect(rig.replica.view().state).toBe('failed');
  rig.launcher.fault = undefined;
  await rig.replica.load();
  expect(rig.replica.view().state).toBe('ready');
  await crash(rig, 1);
  expect(rig.replica.view().state).toBe('backoff');
});

verifies('ORCH-1413', 'when an engine exits its runs end at once, and nothing of it is heard any more', async () => {
  const { replica, launcher } = replicaRig();
  await replica.load();
  const heard: string[] = [];
  const runs = [1, 2].map(() => replica.adapter.run(TASK, { onTokens: (texts) => heard.push(...texts) }, never));
  const [first] = launcher.last.adapter.generations;
  first?.send('one');
  launcher.last.exit('killed', 'It was ended by SIGKILL.');
  for (const run of runs) await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
  first?.send('two');
  first?.end();
  expect(heard).toEqual(['one']);
  expect(await replica.adapter.probe(never)).toEqual({ state: 'loading' });
});

verifies('ORCH-1414', 'an engine that does not answer three looks in a row is restarted', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  const run = replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  run.catch(() => undefined);
  launcher.last.adapter.health = undefined;
  await clock.advance(29_999);
  expect(replica.view().state).toBe('ready');
  await clock.advance(1);
  expect(replica.view()).toMatchObject({ state: 'backoff', reason: 'hung' });
  await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
  expect(launcher.last.stopCount).toBe(1);
  await clock.advance(1_000);
  expect([replica.view().state, launcher.attemptCount]).toEqual(['ready', 2]);
});

verifies('ORCH-1414', 'an engine whose tokens flow is well, whatever its health page says', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  void replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  launcher.last.adapter.health = undefined;
  for (let round = 0; round < 10; round += 1) {
    launcher.last.adapter.generations[0]?.send('x');
    await clock.advance(20_000);
  }
  expect([replica.view().state, launcher.attemptCount]).toEqual(['ready', 1]);
});

verifies('ORCH-1414', 'an engine that keeps a run which was aborted is ended when the core asks for it', async () => {
  const { replica, launcher, clock } = replicaRig();
  await replica.load();
  const run = replica.adapter.run(TASK, { onTokens: () => undefined }, never);
  replica.adapter.restart?.();
  await expect(run).rejects.toMatchObject({ code: 'WORKER_RESET' });
  await clock.advance(1_000);
  expect([launcher.engines[0]?.stopCount, launcher.attemptCount, replica.view().state]).toEqual([1, 2, 'ready']);
});

verifies(
  'ORCH-1416',
  'after device memory ran out the next engine is asked for less, and the view shows both',
  async () => {
    const { replica, launcher, clock } = replicaRig({ capacity: { slots: 4, ctxMaxTokens: 8_192 } });
    await replica.load();
    launcher.last.exit('device_memory');
    await clock.advance(1_000);
    expect(launcher.last.given.capacity).toEqual({ slots: 2, ctxMaxTokens: 8_192 });
    expect(replica.view()).toMatchObject({
      state: 'ready',
      capacity: { slots: 2, ctxMaxTokens: 8_192 },
      configuredCapacity: { slots: 4, ctxMaxTokens: 8_192 },
    });
    launcher.last.exit('host_memory');
    await clock.advance(2_000);
    expect(launcher.last.given.capacity).toEqual({ slots: 2, ctxMaxTokens: 8_192 });
    await replica.restart();
    expect(launcher.last.given.capacity).toEqual({ slots: 4, ctxMaxTokens: 8_192 });
  },
);

verifies(
  'ORCH-1416',
  'capacity that nobody configured is learned from the engine; with none left the replica fails',
  async () => {
    const learned = replicaRig();
    await learned.replica.load();
    learned.launcher.last.exit('device_memory');
    await learned.clock.advance(1_000);
    expect(learned.replica.view().capacity).toEqual({ slots: 2, ctxMaxTokens: 4_096 });
    const least = replicaRig({ capacity: { slots: 1, ctxMaxTokens: 512 } });
    await least.replica.load();
    least.launcher.last.exit('device_memory');
    await least.clock.advance(0);
    expect(least.replica.view()).toMatchObject({ state: 'failed', retryInMs: 300_000 });
  },
);
