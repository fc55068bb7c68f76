// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { drain, Rig, type RigOptions } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import type { MetricsChunk, TaskReader } from '../stream/task-reader.ts';
import type { SessionId, TaskId } from '../task/ids.ts';

verifies(['ORCH-1271', 'ORCH-1272'], 'a waiting task is told its chance, and again when it has changed', async () => {
  const rig = await measured(4);
  await rig.accept();
  const { taskId } = await rig.accept({ deadlineMs: 1_800 });
  const reader = await rig.read(taskId);
  await rig.clock.advance(500);
  const [first] = figuresOf(reader);
  expect(first).toMatchObject({ queuePosition: 0, queueDepth: 1, predictedStartMs: 500, onTimeProbability: 0.99 });
  expect((await rig.view(taskId)).onTimeProbability).toBe(0.99);
  await rig.clock.advance(500);
  expect(figuresOf(reader), 'a start that came closer has not changed').toEqual([]);
  const later = await rig.accept({ deadlineMs: 60_000 });
  await rig.clock.advance(500);
  expect(figuresOf(reader)).toMatchObject([{ queueDepth: 2 }]);
  expect((await rig.view(later.taskId)).onTimeProbability).toBe(0.99);
  await rig.stop();
});

verifies('ORCH-1272', 'a changed prediction is shown at the next tick', async () => {
  const rig = await measured(4);
  const { taskId: runs } = await rig.accept();
  const { taskId } = await rig.accept();
  const reader = await rig.read(taskId);
  await rig.clock.advance(500);
  expect(figuresOf(reader)).toMatchObject([{ predictedStartMs: 500 }]);
  const { taskId: next } = await rig.accept();
  const second = await rig.read(next);
  await rig.clock.advance(500);
  expect(figuresOf(second)).toMatchObject([{ predictedStartMs: 1_000 }]);
  await rig.orchestrator.cancel(runs);
  await rig.clock.advance(500);
  expect(figuresOf(second)).toMatchObject([{ queuePosition: 0, predictedStartMs: 500 }]);
  await rig.stop();
});

verifies('ORCH-1272', 'a turn is told whether its session is warm and what is left of its budget', async () => {
  const rig = await new Rig({ sessions: { ttlMs: 60_000, maxTurns: 3, budget: { tokens: 100 } } }).start();
  const sessionId = 'talk' as SessionId;
  await rig.accept({ sessionId, maxTokens: 30 });
  rig.job.end({ tokensIn: 2, tokensOut: 0 });
  await rig.rest();
  await rig.accept();
  const { taskId } = await rig.accept({ sessionId, maxTokens: 30 });
  const reader = await rig.read(taskId);
  await rig.clock.advance(500);
  const [figures] = figuresOf(reader);
  expect(figures).toMatchObject({ state: 'queued', kvWarmth: true });
  expect(figures?.tokensBudgetRemaining).toBeLessThan(100);
  await rig.stop();
});

verifies('ORCH-1273', 'a deadline is refused by its odds, and admitted where nobody knows them', async () => {
  const rig = await measured(4);
  await rig.accept();
  const late = await rig.submit({ deadlineMs: 900 });
  expect(late).toMatchObject({
    outcome: 'rejected',
    error: { code: 'DEADLINE_UNMET', details: { predicted_start_ms: 1_000, on_time_probability: 0.01 } },
  });
  expect(await rig.submit({ deadlineMs: 1_000 })).toMatchObject({ outcome: 'accepted' });
  await rig.stop();
  const bold = await measured(4, { onTimeFloorRatio: 0 });
  await bold.accept();
  expect(await bold.submit({ deadlineMs: 900 })).toMatchObject({ outcome: 'accepted' });
  await bold.stop();
  const blank = await new Rig().start();
  await blank.accept();
  expect(await blank.submit({ deadlineMs: 1 })).toMatchObject({ outcome: 'accepted' });
  await blank.stop();
});

verifies('ORCH-1270', 'predictions survive a restart', async () => {
  const rig = await measured(16, { disk: new SimDisk() });
  await rig.stop();
  const next = await rig.restart();
  await next.accept();
  expect((await next.accept()).predictedStartMs).toBe(1_000);
  await next.stop();
});

verifies(
  'ORCH-1270',
  'the lengths that the tasks ahead asked for count, of one priority and of the other',
  async () => {
    const rig = await new Rig({ limits: { maxTasks: { interactive: 20, batch: 20 } } }).start();
    // Each job takes 10 ms a token, and all that it may.
    for (const maxTokens of [4, 8, 16, 32]) await run(rig, maxTokens);
    await rig.accept({ maxTokens: 10 });
    await rig.accept({ maxTokens: 20 });
    await rig.accept({ maxTokens: 5, priority: 'batch' });
    expect((await rig.accept({ maxTokens: 1 })).predictedStartMs).toBe(300);
    expect((await rig.accept({ maxTokens: 1, priority: 'batch' })).predictedStartMs).toBe(360);
    await rig.stop();
  },
);

verifies('ORCH-1270', 'a task whose deadline passes before its start keeps nobody waiting', async () => {
  const rig = await measured(4, { onTimeFloorRatio: 0 });
  await rig.accept();
  expect(await rig.accept()).toMatchObject({ queuePosition: 0, predictedStartMs: 1_000 });
  expect(await rig.accept({ deadlineMs: 900 })).toMatchObject({ queuePosition: 1, predictedStartMs: 2_000 });
  expect(await rig.accept({ deadlineMs: 60_000 })).toMatchObject({ queuePosition: 2, predictedStartMs: 2_000 });
  expect(await rig.accept()).toMatchObject({ queuePosition: 3, predictedStartMs: 3_000 });
  await rig.clock.advance(900);
  expect(await rig.accept()).toMatchObject({ queuePosition: 3, predictedStartMs: 3_100 });
  await rig.stop();
});

verifies('ORCH-1281', 'the reason is a slot for the next, and earlier tasks for the others', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const [next, second] = [await rig.accept(), await rig.accept()];
  expect((await rig.view(next.taskId)).waitingFor).toEqual({
    reason: 'slot',
    message: 'It is next, and all 1 slots are taken.',
    cure: 'It starts once a running job ends or is canceled.',
    tasksAhead: 0,
    slots: 1,
    slotsBusy: 1,
  });
  expect((await rig.view(second.taskId)).waitingFor).toMatchObject({ reason: 'earlier_tasks', tasksAhead: 1 });
  rig.job.end();
  await rig.rest();
  expect((await rig.view(next.taskId)).waitingFor).toBeUndefined();
  expect((await rig.view(second.taskId)).waitingFor).toMatchObject({ reason: 'slot' });
  await rig.stop();
});

verifies(
  'ORCH-1281',
  'a task waits for its model, for a replica, or for an earlier turn, and no start is told',
  async () => {
    const adapter = new ManualAdapter({ state: 'loading' });
    const rig = await new Rig({ adapters: [adapter] }).start();
    const sessionId = 'talk' as SessionId;
    const first = await rig.accept({ sessionId });
    const turn = await rig.accept({ sessionId });
    expect(await reasonOf(rig, first.taskId)).toBe('model_load');
    adapter.health = { state: 'failed', error: new OrchError('WORKER_RESET') };
    await rig.clock.advance(2_000);
    expect(await reasonOf(rig, first.taskId)).toBe('no_ready_replica');
    adapter.health = { state: 'ready', props: { ...TEST_PROPS, slots: 2 } };
    await rig.clock.advance(2_000);
    const view = await rig.view(turn.taskId);
    expect(view.waitingFor).toMatchObject({ reason: 'session_turn', slots: 2, slotsBusy: 1 });
    expect(view.predictedStartMs).toBeUndefined();
    await rig.stop();
  },
);

verifies('ORCH-1281', 'a replay waits for the engine on which it began', async () => {
  const rig = await new Rig({ disk: new SimDisk() }).start();
  const { taskId } = await rig.accept({ determinism: 'strict' });
  rig.job.send('a');
  rig.adapter.health = { state: 'ready', props: { ...TEST_PROPS, engineVersion: '2.0' } };
  rig.job.fail(new OrchError('WORKER_RESET'));
  await rig.clock.advance(1_000);
  expect(await reasonOf(rig, taskId)).toBe('engine_return');
  await rig.stop();
});

/** A rig whose jobs have taken a second each. */
async function measured(jobs: number, options: RigOptions = {}): Promise<Rig> {
  const rig = await new Rig(options).start();
  for (let job = 0; job < jobs; job += 1) {
    await rig.accept();
    await rig.clock.advance(1_000);
    rig.job.end();
    await rig.rest();
  }
  return rig;
}

async function run(rig: Rig, maxTokens: number): Promise<void> {
  await rig.accept({ maxTokens });
  await rig.clock.advance(10);
  rig.job.send('x');
  await rig.clock.advance(10 * (maxTokens - 1));
  for (let token = 1; token < maxTokens; token += 1) rig.job.send('x');
  rig.job.end();
  await rig.rest();
}

function figuresOf(reader: TaskReader): readonly MetricsChunk[] {
  return drain(reader).filter((chunk) => chunk.kind === 'metrics');
}

async function reasonOf(rig: Rig, id: TaskId): Promise<string | undefined> {
  return (await rig.view(id)).waitingFor?.reason;
}
