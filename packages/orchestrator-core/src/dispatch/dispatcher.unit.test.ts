// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { Rig, drain } from '../__fixtures__/rig.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { sha256Digest } from '../testkit/index.ts';

verifies('ORCH-3470', 'a replica gets as many jobs as it has slots, and the next when one is free', async () => {
  const adapter = new ManualAdapter({ state: 'ready', props: { ...TEST_PROPS, slots: 2 } });
  const rig = await new Rig({ adapters: [adapter] }).start();
  for (let count = 0; count < 4; count += 1) await rig.accept();
  expect(adapter.jobs).toHaveLength(2);
  expect(rig.meter.total('slots_busy')).toBe(2);
  adapter.jobs[0]?.end();
  await rig.rest();
  expect(adapter.jobs).toHaveLength(3);
  await rig.stop();
});

verifies('ORCH-3470', 'a task claimed when its replica has just gone is back at the front', async () => {
  const adapter = new ManualAdapter();
  const rig = await new Rig({ adapters: [adapter] }).start();
  await rig.accept({ priority: 'batch' });
  const first = await rig.accept();
  const second = await rig.accept();
  adapter.health = { state: 'loading' };
  rig.job.fail(new OrchError('WORKER_RESET'));
  await rig.rest();
  expect((await rig.view(first.taskId)).state).toBe('queued');
  expect((await rig.view(first.taskId)).queuePosition).toBe(0);
  expect((await rig.view(second.taskId)).queuePosition).toBe(1);
  adapter.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(200);
  expect(rig.job.request.jobId).toBe(first.jobId);
  await rig.stop();
});

verifies(
  'ORCH-3471',
  'an engine that refuses before the first token gets the task again, at most three times',
  async () => {
    const rig = await new Rig().start();
    const { taskId } = await rig.accept();
    for (let refusal = 0; refusal < 4; refusal += 1) {
      expect((await rig.view(taskId)).state).toBe('running');
      rig.job.fail(new OrchError(refusal % 2 === 0 ? 'POOL_UNREADY' : 'REPLICA_EXHAUSTED'));
      await rig.clock.advance(1_000);
    }
    expect(rig.adapter.jobs).toHaveLength(4);
    const view = await rig.view(taskId);
    expect([view.state, view.error?.code, view.error?.phase]).toEqual(['failed', 'REPLICA_EXHAUSTED', 'queued']);
    await rig.stop();
  },
);

verifies('ORCH-3471', 'a refusal after a token ends the task', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  rig.job.send('a');
  rig.job.fail(new OrchError('REPLICA_EXHAUSTED'));
  await rig.rest();
  const view = await rig.view(taskId);
  expect([view.state, view.error?.code, view.error?.phase]).toEqual(['failed', 'REPLICA_EXHAUSTED', 'running']);
  await rig.stop();
});

verifies('ORCH-3472', 'whatever an adapter rejects with ends the task in phase running', async () => {
  const faults: readonly (readonly [unknown, string])[] = [
    [new OrchError('DECODE_TIMEOUT'), 'DECODE_TIMEOUT'],
    [new OrchError('INVALID_PARAMS'), 'INVALID_PARAMS'],
    [new TypeError('secret engine text'), 'INTERNAL'],
  ];
  const rig = await new Rig().start();
  for (const [fault, code] of faults) {
    const { taskId } = await rig.accept();
    rig.job.send('a');
    rig.job.fail(fault);
    await rig.rest();
    const { state, error } = await rig.view(taskId);
    expect([state, error?.code, error?.phase]).toEqual(['failed', code, 'running']);
    expect(error?.message).not.toContain('secret');
    const last = drain(await rig.read(taskId)).at(-1);
    expect(last).toMatchObject({ kind: 'error', seq: 2, engine: 'manual', poolId: 'haiku', error: { code } });
  }
  const { taskId } = await rig.accept({ determinism: 'best_effort' });
  rig.job.end({ finishReason: 'canceled' });
  await rig.rest();
  expect((await rig.view(taskId)).error?.code).toBe('WORKER_RESET');
  await rig.stop();
});

verifies('ORCH-3472', 'an adapter that throws where it should reject fails the task as well', async () => {
  const adapter = new ManualAdapter();
  adapter.run = () => {
    throw new Error('no promise');
  };
  const rig = await new Rig({ adapters: [adapter] }).start();
  const { taskId } = await rig.accept();
  expect((await rig.view(taskId)).error).toMatchObject({ code: 'INTERNAL', phase: 'running' });
  expect(rig.meter.total('slots_busy')).toBe(0);
  await rig.stop();
});

verifies('ORCH-3473', 'an engine that floods is stopped at the limit and the task has its length', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept({ maxTokens: 3 });
  const { job } = rig;
  job.send('a', 'b');
  job.send('c', 'd', 'e');
  expect(job.signal.aborted).toBe(true);
  job.send('f');
  await rig.rest();
  const view = await rig.view(taskId);
  expect(view).toMatchObject({ state: 'completed', finishReason: 'length', output: { text: 'abc' } });
  expect(view.usage).toEqual({ tokensIn: 2, tokensOut: 3 });
  expect(drain(await rig.read(taskId)).at(-1)).toMatchObject({ kind: 'end', seq: 4, tokensOut: 3 });
  await rig.stop();
});

verifies('ORCH-3474', 'what comes after the end, the abort or the limit is ignored', async () => {
  const rig = await new Rig().start();
  const done = await rig.accept();
  const first = rig.job;
  first.send('a');
  first.end({ tokensOut: 1 });
  await rig.rest();
  first.send('too late');
  expect((await rig.view(done.taskId)).output?.text).toBe('a');
  const canceled = await rig.accept();
  const reader = await rig.read(canceled.taskId);
  const second = rig.job;
  second.send('a');
  drain(reader);
  const canceling = rig.orchestrator.cancel(canceled.taskId);
  second.send('b');
  await canceling;
  second.send('c');
  expect(drain(reader)).toMatchObject([{ kind: 'end', seq: 2, tokensOut: 1, finishReason: 'canceled' }]);
  await rig.stop();
});

verifies(
  ['ORCH-3424', 'ORCH-3475'],
  'a cancel waits for the slot, and for a stubborn engine no longer than the grace',
  async () => {
    const adapter = new ManualAdapter();
    adapter.obedient = false;
    const rig = await new Rig({ adapters: [adapter] }).start();
    const slow = await rig.accept();
    let answer: string | undefined;
    void rig.orchestrator.cancel(slow.taskId).then((told) => (answer = told));
    await rig.clock.advance(2_900);
    expect(answer).toBeUndefined();
    rig.job.end({ finishReason: 'canceled' });
    await rig.rest();
    expect(answer).toBe('canceled');
    expect(rig.adapter.probeCount).toBeLessThan(5);
    const stuck = await rig.accept();
    const stuckJob = rig.job;
    const waiting = await rig.accept();
    answer = undefined;
    adapter.health = undefined;
    void rig.orchestrator.cancel(stuck.taskId).then((told) => (answer = told));
    await rig.clock.advance(3_000);
    expect(answer).toBe('canceled');
    expect((await rig.orchestrator.pools())[0]?.ready).toBe(false);
    expect((await rig.view(waiting.taskId)).state).toBe('queued');
    adapter.health = { state: 'ready', props: TEST_PROPS };
    await rig.clock.advance(7_000);
    expect((await rig.orchestrator.pools())[0]?.ready).toBe(true);
    expect(rig.meter.total('slots_busy')).toBe(1);
    expect(adapter.jobs).toHaveLength(2);
    stuckJob.end({ finishReason: 'canceled' });
    await rig.rest();
    expect(rig.job.request.jobId).toBe(waiting.jobId);
    rig.job.end();
    await rig.stop();
    expect(rig.meter.total('slots_busy')).toBe(0);
  },
);

verifies('ORCH-3476', 'a cancel decided before the engine came to its end stands', async () => {
  const adapter = new ManualAdapter();
  adapter.obedient = false;
  const rig = await new Rig({ adapters: [adapter] }).start();
  const { taskId } = await rig.accept();
  const reader = await rig.read(taskId);
  rig.job.send('a');
  const canceling = rig.orchestrator.cancel(taskId);
  rig.job.end({ finishReason: 'stop', tokensOut: 5 });
  expect(await canceling).toBe('canceled');
  const kinds = drain(reader).map((chunk) => chunk.kind);
  expect(kinds).not.toContain('tokens');
  expect(await rig.view(taskId)).toMatchObject({ state: 'canceled', usage: { tokensOut: 1 } });
  const late = await rig.accept();
  rig.job.end();
  await rig.rest();
  expect(await rig.orchestrator.cancel(late.taskId)).toBe('ended');
  await rig.stop();
});

verifies('ORCH-3476', 'a cancel stands also where the job hears of it only at its end', async () => {
  const wrapQueue = (inner: TaskQueue): TaskQueue => ({
    admit: (task) => inner.admit(task),
    preview: (task) => inner.preview(task),
    claim: async (poolId, signal) => {
      const lease = await inner.claim(poolId, signal);
      return lease === undefined ? undefined : { ...lease, onLost: undefined };
    },
    settle: (lease, end) => inner.settle(lease, end),
    release: (lease) => inner.release(lease),
    cancel: (id, reason) => inner.cancel(id, reason),
    steer: (steering) => inner.steer(steering),
    place: (id) => inner.place(id),
    snapshot: (poolId) => inner.snapshot(poolId),
    close: () => inner.close(),
  });
  const rig = await new Rig({ wrapQueue }).start();
  const { taskId } = await rig.accept();
  const canceling = rig.orchestrator.cancel(taskId);
  rig.job.send('a');
  rig.job.end({ tokensOut: 1 });
  expect(await canceling).toBe('canceled');
  expect((await rig.view(taskId)).state).toBe('canceled');
  const kinds = drain(await rig.read(taskId)).map((chunk) => chunk.kind);
  expect(kinds).toEqual(['started', 'end']);
  await rig.stop();
});

verifies('ORCH-3477', 'record and end frame hold the same whole receipt', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept({ seed: 9, sampling: { topK: 2 } });
  rig.job.send('ein ', 'Haiku');
  await rig.clock.advance(5);
  rig.job.end({ tokensIn: 4, tokensOut: 2, decodeTimeMs: 5, prefixReuse: true });
  await rig.rest();
  const { receipt, task, timings } = await rig.view(taskId);
  expect(receipt).toEqual({
    maxTokens: 32,
    seed: 9,
    determinism: 'strict',
    engine: 'manual',
    engineVersion: '1.0',
    modelId: 'test-model',
    modelDigest: 'sha256:00',
    samplerProfileVersion: 'default-1',
    sampling: task.sampling,
    inputSha256: sha256Digest.sha256Hex('{"prompt":"a haiku about rain","workload":"completion"}'),
    outputSha256: sha256Digest.sha256Hex('ein Haiku'),
    tokensIn: 4,
    tokensOut: 2,
    slotMode: 'isolated',
    prefixReuse: true,
    replicaId: 'replica-0',
    placementReason: 'only_candidate',
    attempt: 1,
  });
  expect(task.sampling.topK).toBe(2);
  expect(timings).toMatchObject({ queueTimeMs: 0, firstTokenMs: 0, decodeTimeMs: 5, totalTimeMs: 5 });
  expect(drain(await rig.read(taskId)).at(-1)).toMatchObject({ kind: 'end', receipt });
  await rig.stop();
});

verifies(['ORCH-3477', 'ORCH-3421'], 'a canceled job that ran has a receipt of what went into its stream', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  rig.job.send('a', 'b');
  await rig.orchestrator.cancel(taskId);
  const { receipt, usage, finishReason, output } = await rig.view(taskId);
  expect(receipt).toMatchObject({ tokensIn: 2, tokensOut: 2, outputSha256: sha256Digest.sha256Hex('ab') });
  expect([usage, finishReason, output]).toEqual([{ tokensIn: 2, tokensOut: 2 }, 'canceled', undefined]);
  expect(drain(await rig.read(taskId))).toMatchObject([{ kind: 'started' }, { kind: 'end', seq: 3, tokensOut: 2 }]);
  await rig.stop();
});

verifies(
  'ORCH-3442',
  'a task accepted while its pool was loading meets the limits of the engine when it is claimed',
  async () => {
    const adapter = new ManualAdapter({ state: 'loading' });
    const rig = await new Rig({ adapters: [adapter] }).start();
    const fits = await rig.accept({ ctxTokens: 128 });
    const tooLong = await rig.accept({ ctxTokens: 129 });
    expect((await rig.view(fits.taskId)).state).toBe('queued');
    adapter.health = { state: 'ready', props: TEST_PROPS };
    await rig.clock.advance(100);
    rig.job.end();
    await rig.rest();
    expect((await rig.view(fits.taskId)).state).toBe('completed');
    const { state, error } = await rig.view(tooLong.taskId);
    expect([state, error?.code, error?.phase, error?.details]).toEqual([
      'failed',
      'INVALID_PARAMS',
      'running',
      { field: '$.ctx', limit: 128 },
    ]);
    expect(adapter.jobs).toHaveLength(1);
    await rig.stop();
  },
);

verifies('ORCH-3478', 'a prediction is held against the truth, a missing one is counted', async () => {
  const rig = await new Rig().start();
  for (let sample = 0; sample < 3; sample += 1) {
    await rig.accept();
    await rig.clock.advance(100);
    rig.job.end();
    await rig.rest();
  }
  expect(rig.meter.total('predictions_omitted_total')).toBe(0);
  expect(rig.meter.total('prediction_error_ms')).toBe(3);
  await rig.accept();
  const waiting = await rig.accept();
  expect(waiting.predictedStartMs).toBe(100);
  await rig.clock.advance(150);
  rig.job.end();
  await rig.rest();
  const [pool] = await rig.orchestrator.pools();
  expect(pool?.predictionErrorMs).toEqual({ mean: 50 / 5, sampleCount: 5 });
  expect(pool?.serviceTimeMs).toMatchObject({ sampleCount: 4 });
  rig.job.end();
  await rig.stop();
});

verifies('ORCH-3478', 'a start nobody can predict is left out and counted', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const waiting = await rig.accept();
  expect(waiting.queuePosition).toBe(0);
  expect(waiting.predictedStartMs).toBeUndefined();
  expect(rig.meter.total('predictions_omitted_total')).toBe(1);
  await rig.stop();
});

verifies('ORCH-3479', 'counters follow a job from acceptance to its end', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const canceled = await rig.accept({ priority: 'batch' });
  expect(rig.meter.total('queue_depth', { priority: 'batch' })).toBe(1);
  await rig.orchestrator.cancel(canceled.taskId);
  rig.job.send('a');
  expect(rig.meter.total('tokens_out_total')).toBe(0);
  rig.job.end({ tokensIn: 3, tokensOut: 1, decodeTimeMs: 9 });
  await rig.rest();
  const expected = {
    tasks_enqueued_total: 2,
    tasks_started_total: 1,
    tasks_ended_total: 2,
    tasks_canceled_total: 1,
    tokens_in_total: 3,
    tokens_out_total: 1,
    latency_decode_ms: 1,
    latency_first_token_ms: 1,
    queue_depth: 0,
    slots_busy: 0,
  } as const;
  for (const [name, value] of Object.entries(expected)) {
    expect([name, rig.meter.total(name as keyof typeof expected)]).toEqual([name, value]);
  }
  await rig.stop();
});
