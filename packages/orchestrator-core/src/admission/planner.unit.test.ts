// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { buildPool, Rig } from '../__fixtures__/rig.ts';
import { buildRequest, TEST_POOL, uniqueTaskId } from '../testkit/index.ts';
import type { KeyId, PoolId, SessionId } from '../task/ids.ts';
import type { Caller, TaskRequest } from '../task/task.ts';
import type { TaskPlan } from './task-plan.ts';

const CALLER: Caller = { identity: 'anonymous', correlationId: 'test' };

verifies('ORCH-1280', 'a plan for a free slot names the replica, and a submit goes there', async () => {
  const rig = await new Rig().start();
  expect(await plan(rig)).toEqual({
    admitted: true,
    reason: 'It would start now on replica replica-0.',
    poolId: TEST_POOL,
    poolReason: 'only_fit',
    queuePosition: 0,
    predictedStartMs: 0,
    backoffMs: 0,
    placement: { replicaId: 'replica-0', reason: 'only_candidate' },
  });
  expect(await rig.accept()).toMatchObject({ queuePosition: 0, predictedStartMs: 0, backoffMs: 0 });
  await rig.stop();
});

verifies('ORCH-1280', 'a plan tells the place, the start and the chance that the submit is then told', async () => {
  const rig = await measured();
  await rig.accept();
  await rig.accept();
  const planned = await plan(rig, { deadlineMs: 5_000 });
  expect(planned).toMatchObject({
    admitted: true,
    reason: 'It would wait. One task starts before it.',
    queuePosition: 1,
    predictedStartMs: 2_000,
    onTimeProbability: 0.99,
    waitingFor: { reason: 'earlier_tasks', tasksAhead: 1 },
  });
  const { queuePosition, predictedStartMs, backoffMs } = await rig.accept({ deadlineMs: 5_000 });
  expect({ queuePosition, predictedStartMs, backoffMs }).toEqual({
    queuePosition: planned.queuePosition,
    predictedStartMs: planned.predictedStartMs,
    backoffMs: planned.backoffMs,
  });
  await rig.stop();
});

verifies('ORCH-1280', 'a refusal is the one that a submit gets', async () => {
  const rig = await measured({ sessions: { ttlMs: 60_000, maxTurns: 1 } });
  await rig.accept({ sessionId: 'full' as SessionId });
  const cases: readonly Partial<TaskRequest>[] = [
    { maxTokens: 1_000 },
    { poolId: 'nowhere' as PoolId },
    { deadlineMs: 10 },
    { sessionId: 'full' as SessionId },
  ];
  for (const fields of cases) await expectSameRefusal(rig, fields);
  for (let task = 0; task < 4; task += 1) await rig.accept();
  await expectSameRefusal(rig, {});
  expect((await plan(rig)).refusal?.policyLabel).toBe('reject');
  await rig.orchestrator.drain(AbortSignal.abort());
  await expectSameRefusal(rig, {});
  await rig.stop();
});

verifies('ORCH-1280', 'a plan stores nothing, reserves nothing and changes no metric', async () => {
  const keyId = 'agent' as KeyId;
  const key = {
    id: keyId,
    weight: 1,
    priorities: ['interactive', 'batch'],
    requestsPerMinute: 2,
    queuedTasks: 4,
  } as const;
  const rig = await new Rig({ keys: [key], sessions: { ttlMs: 60_000, maxTurns: 2, budget: { tokens: 100 } } }).start();
  const taskId = uniqueTaskId();
  const sessionId = 'talk' as SessionId;
  const events = rig.events.length;
  for (let time = 0; time < 20; time += 1) {
    const caller = { ...CALLER, keyId };
    expect(await plan(rig, { taskId, sessionId, maxTokens: 20 }, caller)).toMatchObject({ admitted: true });
    expect(await plan(rig, { taskId, maxTokens: 1_000 }, caller)).toMatchObject({ admitted: false });
  }
  expect(await rig.orchestrator.get(taskId)).toBeUndefined();
  expect(await rig.orchestrator.session(sessionId)).toBeUndefined();
  expect((await rig.orchestrator.list({ limit: 10 })).tasks).toEqual([]);
  for (const name of ['tasks_enqueued_total', 'tasks_rejected_total', 'predictions_omitted_total'] as const) {
    expect(rig.meter.total(name), name).toBe(0);
  }
  expect(rig.events).toHaveLength(events);
  expect(rig.adapter.jobs).toHaveLength(0);
  await rig.stop();
});

verifies('ORCH-1280', 'a plan for a known id says what a submit would be answered', async () => {
  const rig = await new Rig().start();
  const taskId = uniqueTaskId();
  await rig.accept({ taskId, seed: 1 });
  expect(await plan(rig, { taskId, seed: 1 })).toMatchObject({ admitted: true, poolId: TEST_POOL });
  await expectSameRefusal(rig, { taskId, seed: 2 });
  await rig.stop();
});

verifies('ORCH-1280', 'the pool is explained', async () => {
  const other = new ManualAdapter({ state: 'ready', props: { ...TEST_PROPS, modelId: 'other' } });
  const pools = [buildPool(TEST_POOL, [new ManualAdapter()]), buildPool('second' as PoolId, [other])];
  const rig = await new Rig({ pools }).start();
  expect(await plan(rig)).toMatchObject({ poolId: TEST_POOL, poolReason: 'first_fit' });
  expect(await plan(rig, { poolId: 'second' as PoolId })).toMatchObject({ poolId: 'second', poolReason: 'pinned' });
  expect(await plan(rig, { modelRef: 'other' })).toMatchObject({ poolId: 'second', poolReason: 'only_fit' });
  await rig.stop();
});

verifies(
  ['ORCH-1280', 'ORCH-1270'],
  'for a turn that waits for another no start is told, before and after',
  async () => {
    const rig = await measured();
    const sessionId = 'talk' as SessionId;
    await rig.accept({ sessionId });
    const planned = await plan(rig, { sessionId });
    expect(planned).toMatchObject({ admitted: true, waitingFor: { reason: 'session_turn' } });
    expect(planned.predictedStartMs).toBeUndefined();
    expect((await rig.accept({ sessionId })).predictedStartMs).toBeUndefined();
    await rig.stop();
  },
);

/** A rig whose jobs have taken a second each. */
async function measured(options: ConstructorParameters<typeof Rig>[0] = {}): Promise<Rig> {
  const rig = await new Rig(options).start();
  for (let job = 0; job < 4; job += 1) {
    await rig.accept();
    await rig.clock.advance(1_000);
    rig.job.end();
    await rig.rest();
  }
  return rig;
}

function plan(rig: Rig, fields: Partial<TaskRequest> = {}, caller = CALLER): Promise<TaskPlan> {
  return rig.orchestrator.plan(buildRequest(fields), caller);
}

async function expectSameRefusal(rig: Rig, fields: Partial<TaskRequest>): Promise<void> {
  const { admitted, refusal } = await plan(rig, fields);
  expect(admitted).toBe(false);
  const submission = await rig.submit(fields);
  if (submission.outcome !== 'rejected') throw new Error('The submit was not refused.');
  const { error, policyLabel } = submission;
  expect(refusal?.policyLabel).toBe(policyLabel);
  expect([refusal?.error.code, refusal?.error.phase]).toEqual([error.code, error.phase]);
  expect([refusal?.error.message, refusal?.error.details]).toEqual([error.message, error.details]);
}
