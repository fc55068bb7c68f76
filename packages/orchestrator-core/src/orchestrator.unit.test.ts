// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from './__fixtures__/manual-adapter.ts';
import { Rig, drain } from './__fixtures__/rig.ts';
import type { Submission } from './orchestrator-api.ts';
import type { SessionId, TaskId } from './task/ids.ts';
import { uniqueTaskId } from './testkit/index.ts';

function codeOf(submission: Submission): string {
  return submission.outcome === 'rejected' ? submission.error.code : submission.outcome;
}

verifies('ORCH-3422', 'a waiting task that is canceled never reaches an engine', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const { taskId } = await rig.accept();
  const reader = await rig.read(taskId);
  expect(await rig.orchestrator.cancel(taskId)).toBe('canceled');
  expect(drain(reader)).toMatchObject([{ kind: 'started' }, { kind: 'end', seq: 1, finishReason: 'canceled' }]);
  expect((await rig.view(taskId)).receipt).toBeUndefined();
  rig.job.end();
  await rig.rest();
  expect(rig.adapter.jobs).toHaveLength(1);
  await rig.stop();
});

verifies('ORCH-3423', 'canceling again answers the same, canceling what ended changes nothing', async () => {
  const rig = await new Rig().start();
  const running = await rig.accept();
  const answers = await Promise.all([1, 2].map(() => rig.orchestrator.cancel(running.taskId)));
  expect([...answers, await rig.orchestrator.cancel(running.taskId)]).toEqual(['canceled', 'canceled', 'canceled']);
  const done = await rig.accept();
  rig.job.end();
  await rig.rest();
  expect(await rig.orchestrator.cancel(done.taskId)).toBe('ended');
  expect((await rig.view(done.taskId)).state).toBe('completed');
  expect(await rig.orchestrator.cancel('unknown' as TaskId)).toBeUndefined();
  await rig.stop();
});

verifies('ORCH-3430', 'of many submits under one id one is decided and the others see it', async () => {
  const rig = await new Rig().start();
  const taskId = uniqueTaskId();
  const submissions = await Promise.all(Array.from({ length: 50 }, () => rig.submit({ taskId })));
  expect(submissions.map(codeOf).sort()).toEqual(['accepted', ...Array<string>(49).fill('repeated')]);
  const answers = new Set(submissions.map((each) => each.outcome !== 'rejected' && each.answer));
  expect(answers.size).toBe(1);
  expect(codeOf(await rig.submit({ taskId, seed: 1 }))).toBe('TASK_CONFLICT');
  await rig.rest();
  expect(rig.adapter.jobs).toHaveLength(1);
  await rig.stop();
});

verifies('ORCH-3430', 'a refused submit leaves its id free', async () => {
  const rig = await new Rig().start();
  const taskId = uniqueTaskId();
  const both = await Promise.all([rig.submit({ taskId, maxTokens: 99 }), rig.submit({ taskId, maxTokens: 3 })]);
  expect(both.map(codeOf)).toEqual(['INVALID_PARAMS', 'accepted']);
  await rig.stop();
});

verifies(['ORCH-3430', 'ORCH-3441'], 'an id that a full queue refused is free for another body', async () => {
  const rig = await new Rig({ limits: { maxTasks: { interactive: 1, batch: 1 } } }).start();
  await rig.accept();
  const { taskId: waiting } = await rig.accept();
  const taskId = uniqueTaskId();
  expect(codeOf(await rig.submit({ taskId, seed: 1 }))).toBe('ADMISSION_REJECT');
  await rig.orchestrator.cancel(waiting);
  expect((await rig.accept({ taskId, seed: 2 })).seed).toBe(2);
  expect((await rig.view(taskId)).task.sampling.seed).toBe(2);
  await rig.stop();
});

verifies('ORCH-3431', 'a default left out is not the same as its value written out', async () => {
  const rig = await new Rig().start();
  const taskId = uniqueTaskId();
  await rig.accept({ taskId });
  expect(codeOf(await rig.submit({ taskId, priority: 'interactive' }))).toBe('TASK_CONFLICT');
  expect(codeOf(await rig.submit({ taskId }))).toBe('repeated');
  await rig.stop();
});

verifies(['ORCH-3436', 'ORCH-3437'], 'a hopeless deadline is refused, one that passes ends the wait', async () => {
  const rig = await new Rig().start();
  for (let sample = 0; sample < 3; sample += 1) {
    await rig.accept();
    await rig.clock.advance(1_000);
    rig.job.end();
    await rig.rest();
  }
  await rig.accept();
  const submission = await rig.submit({ deadlineMs: 500 });
  expect(codeOf(submission)).toBe('DEADLINE_UNMET');
  expect(submission).toMatchObject({ error: { phase: 'admission', details: { field: '$.deadline_ms' } } });
  const { taskId } = await rig.accept({ deadlineMs: 1_500 });
  const reader = await rig.read(taskId);
  await rig.clock.advance(1_499);
  expect((await rig.view(taskId)).state).toBe('queued');
  await rig.clock.advance(1);
  expect((await rig.view(taskId)).error).toMatchObject({ code: 'DEADLINE_UNMET', phase: 'queued' });
  expect(drain(reader).at(-1)).toMatchObject({ kind: 'error', error: { code: 'DEADLINE_UNMET' } });
  await rig.stop();
});

verifies('ORCH-3437', 'a deadline holds again for a task that came back, and not for one that started', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept({ deadlineMs: 5_000 });
  rig.adapter.health = { state: 'loading' };
  rig.job.fail(new OrchError('POOL_UNREADY'));
  await rig.clock.advance(5_000);
  expect((await rig.view(taskId)).error?.code).toBe('DEADLINE_UNMET');
  rig.adapter.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(100);
  const timers = rig.clock.pendingCount;
  const started = await rig.accept({ deadlineMs: 100 });
  expect(rig.clock.pendingCount).toBe(timers);
  await rig.clock.advance(1_000);
  expect((await rig.view(started.taskId)).state).toBe('running');
  await rig.stop();
});

verifies(['ORCH-3438', 'ORCH-3441'], 'sessions and budgets refuse before the queue and are given back', async () => {
  const sessionId = 'talk' as SessionId;
  const sessions = { ttlMs: 60_000, maxTurns: 3, budget: { tokens: 80 } };
  const rig = await new Rig({ sessions, limits: { maxTasks: { interactive: 1, batch: 0 } } }).start();
  const first = await rig.submit({ sessionId, maxTokens: 30 });
  expect(first).toMatchObject({ outcome: 'accepted', budget: { tokens: 30 } });
  expect(codeOf(await rig.submit({ sessionId, maxTokens: 11 }))).toBe('BUDGET_EXHAUSTED');
  await rig.rest();
  rig.job.end({ tokensIn: 4, tokensOut: 6 });
  await rig.rest();
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ turns: 1, budget: { tokens: 70 } });
  expect(codeOf(await rig.submit({ sessionId, maxTokens: 1, priority: 'batch' }))).toBe('ADMISSION_REJECT');
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ turns: 1, budget: { tokens: 70 } });
  await rig.accept({ sessionId, maxTokens: 1 });
  await rig.accept({ sessionId, maxTokens: 1 });
  expect(codeOf(await rig.submit({ sessionId, maxTokens: 1 }))).toBe('SESSION_LIMIT');
  expect(await rig.orchestrator.endSession(sessionId)).toBe(true);
  expect(await rig.orchestrator.sessions()).toEqual([]);
  await rig.stop();
});

verifies('ORCH-3439', 'a full queue names the bound, the policy and when to come back', async () => {
  const rig = await new Rig({ limits: { maxTasks: { interactive: 1, batch: 1 } } }).start();
  await rig.accept();
  const last = await rig.accept();
  expect(last.backoffMs).toBe(1_000);
  const refusal = await rig.submit();
  expect(refusal).toMatchObject({
    outcome: 'rejected',
    policyLabel: 'reject',
    error: { code: 'ADMISSION_REJECT', phase: 'admission', retryAfterMs: 1_000, details: { limit: 1, unit: 'tasks' } },
  });
  expect(rig.meter.total('admission_backpressure_events_total', { policy: 'reject' })).toBe(1);
  await rig.stop();
});

verifies('ORCH-3440', 'an evicted task is told by its stream', async () => {
  const limits = { maxTasks: { interactive: 1, batch: 1 }, fullPolicy: 'drop-lru' } as const;
  const rig = await new Rig({ limits }).start();
  await rig.accept();
  const victim = await rig.accept({ priority: 'batch' });
  const reader = await rig.read(victim.taskId);
  await rig.accept();
  await rig.accept();
  expect((await rig.view(victim.taskId)).state).toBe('evicted');
  const last = drain(reader).at(-1);
  expect(last).toMatchObject({ kind: 'error', seq: 1, error: { code: 'QUEUE_FULL_DROP_LRU', phase: 'queued' } });
  expect(rig.meter.total('admission_backpressure_events_total', { policy: 'drop-lru' })).toBe(1);
  await rig.stop();
});

verifies('ORCH-3441', 'a refusal leaves no trace but its own event and counter', async () => {
  const rig = await new Rig().start();
  const timers = rig.clock.pendingCount;
  const events = rig.events.length;
  const taskId = uniqueTaskId();
  const submission = await rig.submit({ taskId, maxTokens: 1_000, deadlineMs: 10, sessionId: 'new' as SessionId });
  expect(submission).toMatchObject({ outcome: 'rejected', error: { code: 'INVALID_PARAMS', phase: 'admission' } });
  expect(await rig.orchestrator.get(taskId)).toBeUndefined();
  expect(await rig.orchestrator.read(taskId, { onReady: () => undefined })).toBeUndefined();
  expect(await rig.orchestrator.sessions()).toEqual([]);
  expect(rig.clock.pendingCount).toBe(timers);
  expect(rig.events.slice(events)).toMatchObject([{ kind: 'rejection', code: 'INVALID_PARAMS' }]);
  expect(rig.meter.total('tasks_rejected_total', { reason: 'INVALID_PARAMS' })).toBe(1);
  expect(rig.meter.total('tasks_enqueued_total')).toBe(0);
  await rig.stop();
});

verifies('ORCH-3445', 'the answer and the started frame tell the same place and start', async () => {
  const rig = await new Rig().start();
  const first = await rig.accept();
  expect(first).toMatchObject({ queuePosition: 0, predictedStartMs: 0, backoffMs: 0, state: 'queued' });
  await rig.accept();
  const third = await rig.accept({ seed: 5 });
  expect(third.queuePosition).toBe(1);
  const [started] = drain(await rig.read(third.taskId));
  expect(started).toMatchObject({ kind: 'started', seq: 0, jobId: third.jobId, queuePosition: 1, seed: 5 });
  await rig.stop();
});

verifies('ORCH-3445', 'of two submits of one moment only the one with the free slot starts at once', async () => {
  const rig = await new Rig().start();
  const submissions = await Promise.all([rig.submit(), rig.submit()]);
  const predicted = submissions.map((each) => each.outcome === 'accepted' && each.answer.predictedStartMs);
  expect(predicted).toEqual([0, undefined]);
  await rig.stop();
});

verifies('ORCH-3419', 'waiting readers hear of a change, and nothing ticks without them', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  await rig.accept();
  const { taskId } = await rig.accept();
  const timers = rig.clock.pendingCount;
  const reader = await rig.read(taskId);
  expect(rig.clock.pendingCount).toBe(timers + 1);
  drain(reader);
  await rig.clock.advance(500);
  expect(drain(reader)).toMatchObject([{ kind: 'metrics', seq: 0, state: 'queued', queuePosition: 1, queueDepth: 2 }]);
  await rig.clock.advance(2_000);
  expect(drain(reader)).toEqual([]);
  rig.job.end();
  await rig.clock.advance(500);
  expect(drain(reader)).toMatchObject([{ kind: 'metrics', queuePosition: 0, queueDepth: 1 }]);
  rig.job.end();
  await rig.rest();
  expect(drain(reader)).toMatchObject([
    { kind: 'metrics', state: 'running', queueTimeMs: 3_000, replicaId: 'replica-0', kvWarmth: false },
  ]);
  reader.close();
  await rig.clock.advance(500);
  expect(rig.clock.pendingCount).toBe(timers);
  await rig.stop();
});

verifies('ORCH-3480', 'a drain lets running jobs finish and starts nothing', async () => {
  const rig = await new Rig().start();
  await rig.accept();
  const waiting = await rig.accept();
  let drained = false;
  void rig.orchestrator.drain(new AbortController().signal).then(() => (drained = true));
  expect(await rig.submit()).toMatchObject({ error: { code: 'POOL_UNREADY', phase: 'admission' } });
  await rig.rest();
  expect(drained).toBe(false);
  rig.job.end();
  await rig.rest();
  expect(drained).toBe(true);
  expect((await rig.view(waiting.taskId)).state).toBe('queued');
  expect(rig.adapter.jobs).toHaveLength(1);
  await rig.orchestrator.drain(new AbortController().signal);
  await rig.stop();
});

verifies('ORCH-3480', 'a drain gives up when its signal aborts', async () => {
  const rig = await new Rig().start();
  const { taskId } = await rig.accept();
  const patience = new AbortController();
  const draining = rig.orchestrator.drain(patience.signal);
  patience.abort();
  await draining;
  expect((await rig.view(taskId)).state).toBe('running');
  await rig.stop();
});

verifies('ORCH-3481', 'a stop ends every stream and leaves no timer, lease or slot', async () => {
  const rig = await new Rig().start();
  const running = await rig.accept();
  const waiting = await rig.accept({ deadlineMs: 60_000 });
  const readers = [await rig.read(running.taskId), await rig.read(waiting.taskId)];
  await rig.stop();
  for (const reader of readers) expect(drain(reader).at(-1)).toMatchObject({ kind: 'end', finishReason: 'canceled' });
  expect(rig.clock.pendingCount).toBe(0);
  const [pool] = await rig.orchestrator.pools();
  expect(pool).toMatchObject({ live: false, ready: false, queued: { interactive: 0, batch: 0 } });
  expect(codeOf(await rig.submit())).toBe('POOL_UNREADY');
});

verifies('ORCH-3463', 'start waits for pools that load, and stop is legal at any time', async () => {
  const never = new Rig();
  await never.stop();
  await never.stop();
  await never.orchestrator.start(new AbortController().signal);
  const adapter = new ManualAdapter({ state: 'loading', progressRatio: 0.25 });
  const rig = new Rig({ adapters: [adapter] });
  let started = 0;
  const signal = new AbortController();
  for (let each = 0; each < 2; each += 1) void rig.orchestrator.start(signal.signal).then(() => (started += 1));
  await rig.clock.advance(300);
  expect(started).toBe(0);
  expect((await rig.orchestrator.pools())[0]?.replicas[0]).toMatchObject({ state: 'loading', progressRatio: 0.25 });
  adapter.health = { state: 'failed', error: new OrchError('WORKER_RESET') };
  await rig.clock.advance(100);
  expect(started).toBe(2);
  await rig.stop();
  const impatient = new Rig({ adapters: [new ManualAdapter({ state: 'loading' })] });
  const starting = impatient.orchestrator.start(signal.signal);
  signal.abort();
  await starting;
  await impatient.stop();
  expect(impatient.clock.pendingCount).toBe(0);
});

verifies('ORCH-3483', 'every state is told once, in order, to those who still listen', async () => {
  const rig = await new Rig().start();
  const heard: string[] = [];
  const leave = rig.orchestrator.watch((event) => heard.push(event.kind));
  const { taskId } = await rig.accept();
  leave();
  rig.job.send('a secret');
  rig.job.end();
  await rig.rest();
  const states = rig.events.flatMap((event) => (event.kind === 'task' && event.taskId === taskId ? [event.state] : []));
  expect(states).toEqual(['queued', 'running', 'completed']);
  expect(heard).toEqual(['task', 'task']);
  expect(rig.events[0]).toMatchObject({ kind: 'replica', poolId: 'haiku', replicaId: 'replica-0', state: 'ready' });
  expect(JSON.stringify(rig.events)).not.toMatch(/secret|haiku about/);
  await rig.stop();
});

verifies(
  ['ORCH-3482', 'ORCH-3484'],
  'ended tasks leave oldest first, their ids stay used, and bad cursors are refused',
  async () => {
    const rig = await new Rig({ retention: { endedTasks: 2, transcriptBytes: 100_000 } }).start();
    const ids: TaskId[] = [];
    for (let count = 0; count < 4; count += 1) {
      const taskId = uniqueTaskId();
      ids.push(taskId);
      await rig.accept({ taskId });
      rig.job.end();
      await rig.rest();
    }
    const held = await Promise.all(ids.map((id) => rig.orchestrator.get(id)));
    expect(held.map((view) => view?.state)).toEqual([undefined, undefined, 'completed', 'completed']);
    const first = ids[0];
    expect(first !== undefined && codeOf(await rig.submit({ taskId: first }))).toBe('TASK_CONFLICT');
    const page = await rig.orchestrator.list({ limit: 1 });
    expect([page.tasks.map(({ task }) => task.id), page.nextCursor !== undefined]).toEqual([[ids[3]], true]);
    await expect(rig.orchestrator.list({ limit: 1, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await rig.stop();
  },
);
