// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, OwnedAdapter, TEST_PROPS, type ManualJob } from '../__fixtures__/manual-adapter.ts';
import { Rig, drain } from '../__fixtures__/rig.ts';
import type { Clock } from '../ports.ts';
import { FakeClock } from '../testkit/index.ts';
import { Watchdog, type WatchdogLimit, type WatchdogLimits, type WatchedRun } from './watchdog.ts';

class FakeRun implements WatchedRun {
  progress = 0;
  error: OrchError | undefined;
  readonly isSilent: boolean;

  constructor(isSilent = false) {
    this.isSilent = isSilent;
  }

  expire(error: OrchError): void {
    this.error = error;
  }
}

/** A clock whose process can be stopped: time goes on and nothing fires. */
class StoppableClock implements Clock {
  readonly inner = new FakeClock();
  #stoppedMs = 0;

  nowMs(): number {
    return this.inner.nowMs() + this.#stoppedMs;
  }

  wallNowMs(): number {
    return this.inner.wallNowMs() + this.#stoppedMs;
  }

  setTimer(delayMs: number, fire: () => void): ReturnType<Clock['setTimer']> {
    return this.inner.setTimer(delayMs, fire);
  }

  stop(forMs: number): void {
    this.#stoppedMs += forMs;
  }
}

function watching(limits: WatchdogLimits, clock: Clock): { readonly dog: Watchdog; readonly hit: WatchdogLimit[] } {
  const hit: WatchdogLimit[] = [];
  return { dog: new Watchdog({ clock, limits, onExpire: (limit) => hit.push(limit) }), hit };
}

/** When the run was ended, to the millisecond. */
function expiry(run: FakeRun, clock: FakeClock, untilMs: number): number | undefined {
  while (run.error === undefined && clock.nowMs() < untilMs) clock.skip(1);
  return run.error === undefined ? undefined : clock.nowMs();
}

verifies('ORCH-1290', 'each limit is met within a tenth, and never early', () => {
  const rows = [
    [{ idleMs: 2_000, wallMs: 60_000 }, 'first_token', 2_000],
    [{ idleMs: 2_000, firstTokenMs: 7_000 }, 'first_token', 7_000],
    [{ idleMs: 2_000, wallMs: 1_000 }, 'wall', 1_000],
    [{ wallMs: 5_000 }, 'wall', 5_000],
  ] as const;
  for (const [limits, limit, limitMs] of rows) {
    const clock = new FakeClock();
    const { dog, hit } = watching(limits, clock);
    clock.skip(33);
    const run = new FakeRun();
    dog.watch(run);
    const tookMs = (expiry(run, clock, 100_000) ?? Infinity) - 33;
    expect([hit, tookMs >= limitMs, tookMs <= limitMs * 1.1]).toEqual([[limit], true, true]);
    expect(run.error?.details).toEqual({ reason: `${limit}_timeout`, limit_ms: limitMs });
  }
});

verifies('ORCH-1290', 'silence counts from the last token, whenever it came', () => {
  for (const lastTokenMs of [1, 40, 99, 100, 101, 3_456]) {
    const clock = new FakeClock();
    const { dog, hit } = watching({ idleMs: 2_000, firstTokenMs: 5_000 }, clock);
    const run = new FakeRun();
    dog.watch(run);
    clock.skip(lastTokenMs);
    run.progress += 1;
    const silentMs = (expiry(run, clock, 20_000) ?? Infinity) - lastTokenMs;
    expect([hit, silentMs >= 2_000, silentMs <= 2_200]).toEqual([['idle'], true, true]);
  }
});

verifies(
  'ORCH-1290',
  'a run that moves on is left alone, and one that tells all at its end has only the wall limit',
  () => {
    const clock = new FakeClock();
    const { dog, hit } = watching({ idleMs: 1_000, wallMs: 30_000 }, clock);
    const steady = new FakeRun();
    const embedding = new FakeRun(true);
    const unwatch = dog.watch(steady);
    dog.watch(embedding);
    for (let step = 0; step < 30; step += 1) {
      clock.skip(950);
      steady.progress += 1;
    }
    expect(hit).toEqual([]);
    unwatch();
    expect(expiry(embedding, clock, 40_000)).toBeLessThanOrEqual(33_000);
    expect([hit, steady.error]).toEqual([['wall'], undefined]);
  },
);

verifies('ORCH-1290', 'any number of runs shares one timer, and no run leaves none', () => {
  const clock = new FakeClock();
  const { dog } = watching({ idleMs: 1_000 }, clock);
  const ends = Array.from({ length: 1_000 }, () => dog.watch(new FakeRun()));
  expect(clock.pendingCount).toBe(1);
  for (const end of ends) end();
  expect(clock.pendingCount).toBe(0);
  watching({}, clock).dog.watch(new FakeRun());
  expect(clock.pendingCount).toBe(0);
});

verifies('ORCH-1293', 'a process that stood still, and a wall clock that jumps, accuse no engine', () => {
  const clock = new StoppableClock();
  const { dog, hit } = watching({ idleMs: 2_000, wallMs: 8_000 }, clock);
  const run = new FakeRun();
  dog.watch(run);
  for (let round = 0; round < 3; round += 1) {
    clock.inner.skip(200);
    clock.stop(5_000);
    clock.inner.shiftWall(round % 2 === 0 ? 3_600_000 : -7_200_000);
    clock.inner.skip(150);
    run.progress += 1;
  }
  expect(hit).toEqual([]);
  clock.inner.skip(2_500);
  expect(hit).toEqual(['idle']);
});

verifies('ORCH-1290', 'a job that hangs ends with DECODE_TIMEOUT and its slot serves the next', async () => {
  const rig = await new Rig({ watchdog: { idleMs: 2_000, firstTokenMs: 5_000, wallMs: 60_000 } }).start();
  const { taskId } = await rig.accept();
  const next = await rig.accept();
  const reader = await rig.read(taskId);
  rig.job.send('a', 'b');
  await rig.clock.advance(1_999);
  expect((await rig.view(taskId)).state).toBe('running');
  await rig.clock.advance(201);
  const view = await rig.view(taskId);
  expect([view.state, view.error?.code, view.error?.phase]).toEqual(['failed', 'DECODE_TIMEOUT', 'running']);
  expect(drain(reader).map(({ kind }) => kind)).toEqual(['started', 'tokens', 'error']);
  expect(rig.job.request.jobId).toBe(next.jobId);
  expect(rig.meter.total('watchdog_aborts_total', { limit: 'idle' })).toBe(1);
  rig.job.end();
  await rig.rest();
  expect((await rig.view(next.taskId)).state).toBe('completed');
  await rig.stop();
});

verifies('ORCH-1290', 'time in the queue and while the model loads does not count', async () => {
  const adapter = new ManualAdapter({ state: 'loading' });
  const rig = await new Rig({ adapters: [adapter], watchdog: { idleMs: 1_000, wallMs: 3_000 } }).start();
  const { taskId } = await rig.accept();
  await rig.clock.advance(60_000);
  adapter.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(1_000);
  rig.job.send('a');
  rig.job.end();
  await rig.rest();
  expect((await rig.view(taskId)).state).toBe('completed');
  await rig.stop();
});

verifies('ORCH-1290', 'a cancel that comes first stands, and one that comes later changes nothing', async () => {
  const adapter = new ManualAdapter();
  adapter.obedient = false;
  const rig = await new Rig({ adapters: [adapter], watchdog: { idleMs: 1_000, abortGraceMs: 500 } }).start();
  const first = await rig.accept();
  const canceled = rig.orchestrator.cancel(first.taskId);
  await rig.clock.advance(10_000);
  expect([await canceled, (await rig.view(first.taskId)).state]).toEqual(['canceled', 'canceled']);
  rig.job.end({ finishReason: 'canceled' });
  const second = await rig.accept();
  await rig.clock.advance(5_000);
  expect(await rig.orchestrator.cancel(second.taskId)).toBe('ended');
  expect((await rig.view(second.taskId)).error?.code).toBe('DECODE_TIMEOUT');
  rig.job.end();
  await rig.stop();
});

for (const reason of ['timeout', 'cancel'] as const) {
  verifies('ORCH-1291', `an engine of our own that ignores the abort of a ${reason} is restarted`, async () => {
    const adapter = new OwnedAdapter({ state: 'ready', props: { ...TEST_PROPS, slots: 2 } });
    adapter.obedient = false;
    const rig = await new Rig({ adapters: [adapter], watchdog: { idleMs: 1_000, abortGraceMs: 3_000 } }).start();
    const busy: number[] = [];
    rig.orchestrator.watch(() => busy.push(rig.meter.total('slots_busy')));
    const stuck = await rig.accept();
    if (reason === 'cancel') void rig.orchestrator.cancel(stuck.taskId);
    else await rig.clock.advance(1_000);
    await rig.clock.advance(2_800);
    expect([adapter.restartCount, rig.meter.total('slots_busy')]).toEqual([0, 1]);
    adapter.health = { state: 'loading' };
    await rig.clock.advance(300);
    expect([adapter.restartCount, rig.meter.total('slots_busy')]).toEqual([1, 0]);
    const view = await rig.view(stuck.taskId);
    expect([view.state, view.error?.code]).toEqual(
      reason === 'cancel' ? ['canceled', undefined] : ['failed', 'DECODE_TIMEOUT'],
    );
    const next = await rig.accept();
    expect((await rig.view(next.taskId)).state).toBe('queued');
    adapter.health = { state: 'ready', props: TEST_PROPS };
    await rig.clock.advance(1_000);
    expect((await rig.view(next.taskId)).state).toBe('running');
    expect(busy.every((count) => count >= 0 && count <= 2)).toBe(true);
    expect(rig.meter.total('engine_restarts_total')).toBe(1);
    adapter.obedient = true;
    await rig.stop();
  });
}

verifies(
  'ORCH-1291',
  'an engine that is not ours is unready until it is probed again, and keeps its slot',
  async () => {
    const adapter = new ManualAdapter();
    adapter.obedient = false;
    const rig = await new Rig({ adapters: [adapter], watchdog: { idleMs: 1_000, abortGraceMs: 3_000 } }).start();
    await rig.accept();
    const next = await rig.accept();
    adapter.health = { state: 'loading' };
    await rig.clock.advance(4_300);
    const [pool] = await rig.orchestrator.pools();
    expect(pool?.replicas).toMatchObject([{ state: 'loading', slotsBusy: 1 }]);
    adapter.health = { state: 'ready', props: TEST_PROPS };
    await rig.clock.advance(2_000);
    expect((await rig.view(next.taskId)).state).toBe('queued');
    rig.job.end();
    await rig.rest();
    expect((await rig.view(next.taskId)).state).toBe('running');
    expect(rig.meter.total('engine_restarts_total')).toBe(0);
    adapter.obedient = true;
    await rig.stop();
  },
);

verifies('ORCH-1292', 'a job that got nothing from its engine is tried once more on another replica', async () => {
  for (const determinism of ['strict', 'best_effort'] as const) {
    const adapters = [new ManualAdapter(), new ManualAdapter()];
    const rig = await new Rig({ adapters }).start();
    const { taskId } = await rig.accept({ determinism });
    const first = adapters.findIndex(({ jobs }) => jobs.length === 1);
    const [silent, other] = first === 0 ? adapters : adapters.toReversed();
    silent!.health = { state: 'failed', error: new OrchError('WORKER_RESET') };
    silent!.jobs[0]?.fail(new OrchError('WORKER_RESET', { details: { reason: 'engine_silent' } }));
    await rig.rest();
    expect([(await rig.view(taskId)).state, other?.jobs.length]).toEqual(['running', 1]);
    other?.jobs[0]?.send('a');
    other?.jobs[0]?.end({ tokensOut: 1 });
    await rig.rest();
    const { receipt, attempt } = await rig.view(taskId);
    expect([attempt, receipt?.earlierAttempts]).toMatchObject([2, [{ reason: 'WORKER_RESET' }]]);
    await rig.stop();
  }
});

verifies('ORCH-1292', 'a job is not tried elsewhere a second time, nor after its first token', async () => {
  const adapters = [new ManualAdapter(), new ManualAdapter()];
  const rig = await new Rig({ adapters }).start();
  const jobs = (): readonly ManualJob[] => adapters.flatMap((adapter) => adapter.jobs);
  const fail = async (tokens: readonly string[]): Promise<void> => {
    const job = jobs().at(-1);
    if (tokens.length > 0) job?.send(...tokens);
    job?.fail(new OrchError('WORKER_RESET'));
    await rig.clock.advance(2_000);
  };
  const touched = await rig.accept({ determinism: 'best_effort' });
  await fail(['a']);
  expect([(await rig.view(touched.taskId)).error?.code, jobs().length]).toEqual(['WORKER_RESET', 1]);
  const unlucky = await rig.accept({ determinism: 'best_effort' });
  for (const adapter of adapters) for (const job of adapter.jobs) job.fail(new OrchError('WORKER_RESET'));
  await rig.clock.advance(2_000);
  for (const adapter of adapters) for (const job of adapter.jobs) job.fail(new OrchError('WORKER_RESET'));
  await rig.clock.advance(2_000);
  expect([(await rig.view(unlucky.taskId)).error?.code, jobs().length]).toEqual(['WORKER_RESET', 3]);
  await rig.stop();
});
