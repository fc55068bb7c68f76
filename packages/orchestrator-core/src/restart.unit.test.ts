// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from './__fixtures__/manual-adapter.ts';
import { Rig, drain } from './__fixtures__/rig.ts';
import { KEEP_INTERVAL_MS } from './dispatch/progress-keeper.ts';
import { SimDisk } from './simulation/sim-disk.ts';
import type { SessionId, TaskId } from './task/ids.ts';
import { uniqueTaskId } from './testkit/index.ts';

const BEST_EFFORT = { determinism: 'best_effort' } as const;

function startRig(): Promise<Rig> {
  return new Rig({ disk: new SimDisk() }).start();
}

/** The texts and terminal frame that a reader has now. */
function told(chunks: ReturnType<typeof drain>): readonly unknown[] {
  return chunks.flatMap((chunk) => {
    if (chunk.kind === 'tokens') return chunk.texts.map((text, place) => `${chunk.firstIndex + place + 1}:${text}`);
    if (chunk.kind === 'metrics') return [];
    return [chunk.kind === 'error' ? `${chunk.seq}:${chunk.error.code}` : `${chunk.seq}:${chunk.kind}`];
  });
}

verifies(
  ['ORCH-1220', 'ORCH-1224'],
  'after a restart what waited waits in its order, before all that comes',
  async () => {
    const rig = await startRig();
    const before = [await rig.accept(), await rig.accept(), await rig.accept()];
    const next = await rig.restart();
    const after = await next.accept();
    expect(next.job.request.jobId).toBe(before[0]?.jobId);
    const positions = [];
    for (const { taskId } of [...before, after]) positions.push((await next.view(taskId)).queuePosition);
    expect(positions).toEqual([undefined, 0, 1, 2]);
    expect((await next.view(before[1]?.taskId as TaskId)).admission).toEqual(before[1]);
    expect(drain(await next.read(before[1]?.taskId as TaskId))[0]).toMatchObject({ kind: 'started', queuePosition: 0 });
    await next.stop();
  },
);

verifies(['ORCH-1221', 'ORCH-1231', 'ORCH-1240'], 'a strict job is replayed and its readers go on', async () => {
  const rig = await startRig();
  const waiting = await rig.accept();
  const { taskId, jobId } = waiting;
  const second = await rig.accept();
  rig.job.send('a', 'b', 'c');
  await rig.clock.advance(KEEP_INTERVAL_MS);
  rig.job.send('d');
  const reader = await rig.read(taskId);
  expect(told(drain(reader))).toEqual(['0:started', '1:a', '2:b', '3:c', '4:d']);

  const next = await rig.restart();
  expect(next.job.request.jobId).toBe(jobId);
  expect((await next.view(second.taskId)).state).toBe('queued');
  const fresh = await next.read(taskId);
  const resumed = await next.read(taskId, undefined, 4);
  const behind = await next.read(taskId, undefined, 1);
  next.job.send('a', 'b');
  await next.rest();
  expect([told(drain(fresh)), told(drain(behind)), told(drain(resumed))]).toEqual([['0:started'], [], []]);
  next.job.send('c');
  expect([told(drain(fresh)), told(drain(behind))]).toEqual([
    ['1:a', '2:b', '3:c'],
    ['2:b', '3:c'],
  ]);
  next.job.send('d', 'e');
  next.job.end({ tokensOut: 5 });
  await next.rest();
  expect(told(drain(resumed))).toEqual(['5:e', '6:end']);
  expect(told(drain(behind))).toEqual(['4:d', '5:e', '6:end']);
  const { state, receipt, output } = await next.view(taskId);
  expect([state, output?.text, receipt?.attempt]).toEqual(['completed', 'abcde', 2]);
  expect(receipt?.earlierAttempts).toMatchObject([{ replicaId: 'replica-0', reason: 'RESTART' }]);
  await next.stop();
});

verifies('ORCH-1232', 'a replay with another text after a restart shows nothing and ends the job', async () => {
  for (const replay of [['a', 'x', 'c'], ['a']] as const) {
    const rig = await startRig();
    const { taskId } = await rig.accept();
    rig.job.send('a', 'b');
    await rig.clock.advance(KEEP_INTERVAL_MS);
    const next = await rig.restart();
    const [fresh, resumed] = [await next.read(taskId), await next.read(taskId, undefined, 2)];
    next.job.send(...replay);
    next.job.end();
    await next.rest();
    expect(told(drain(fresh))).toEqual(['0:started', '33:WORKER_RESET']);
    expect(told(drain(resumed))).toEqual(['33:WORKER_RESET']);
    expect((await next.view(taskId)).error?.retriable).toBe(true);
    expect((await next.orchestrator.pools())[0]?.ready).toBe(true);
    await next.stop();
  }
});

verifies('ORCH-1240', 'a reader whose place the stream never reaches again is told so, alone', async () => {
  const rig = await startRig();
  const { taskId } = await rig.accept();
  rig.job.send('a');
  await rig.rest();
  const next = await rig.restart();
  const beyond = await next.read(taskId, undefined, 9);
  await expect(next.read(taskId, undefined, 33)).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
  const honest = await next.read(taskId, undefined, 1);
  next.job.send('a', 'b');
  next.job.end();
  await next.rest();
  expect(told(drain(beyond))).toEqual(['9:TASK_CONFLICT']);
  expect(told(drain(honest))).toEqual(['2:b', '3:end']);
  await expect(next.read(taskId, undefined, 9)).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
  await next.stop();
});

verifies('ORCH-1222', 'a best_effort job that ran ends, and one that had not reached an engine goes on', async () => {
  const rig = await startRig();
  const ran = await rig.accept(BEST_EFFORT);
  const waited = await rig.accept(BEST_EFFORT);
  rig.job.send('a');
  await rig.rest();
  const next = await rig.restart();
  const view = await next.view(ran.taskId);
  expect([view.state, view.error?.code, view.error?.retriable]).toEqual(['failed', 'WORKER_RESET', true]);
  expect(told(drain(await next.read(ran.taskId, undefined, 1)))).toEqual(['33:WORKER_RESET']);
  expect(next.adapter.jobs.map(({ request }) => request.jobId)).toEqual([waited.jobId]);
  const again = await next.restart();
  expect((await again.view(ran.taskId)).error?.code).toBe('WORKER_RESET');
  expect(told(drain(await again.read(ran.taskId, undefined, 1)))).toEqual(['33:WORKER_RESET']);
  await again.stop();
});

verifies('ORCH-1222', 'a best_effort job that an engine refused before its first token is requeued', async () => {
  const rig = await startRig();
  const { taskId, jobId } = await rig.accept(BEST_EFFORT);
  rig.adapter.health = { state: 'loading' };
  rig.job.fail(new OrchError('POOL_UNREADY'));
  await rig.rest();
  expect((await rig.view(taskId)).state).toBe('queued');
  const next = await rig.restart();
  expect(next.job.request.jobId).toBe(jobId);
  await next.stop();
});

verifies('ORCH-1235', 'a job that takes the process down three times is not tried again', async () => {
  let rig = await startRig();
  const { taskId } = await rig.accept();
  const other = await rig.accept();
  for (let crash = 0; crash < 3; crash += 1) rig = await rig.restart();
  const { state, error } = await rig.view(taskId);
  expect([state, error?.code, error?.retriable]).toEqual(['failed', 'TASK_POISONED', false]);
  expect(rig.adapter.jobs.map(({ request }) => request.jobId)).toEqual([other.jobId]);
  await rig.stop();
});

verifies(['ORCH-1225', 'ORCH-1241'], 'a task that ended before the restart is answered from the store', async () => {
  const rig = await startRig();
  const taskId = uniqueTaskId();
  const first = await rig.accept({ taskId });
  rig.job.send('a', 'b');
  rig.job.end({ tokensOut: 2 });
  await rig.rest();
  const before = { view: await rig.view(taskId), frames: drain(await rig.read(taskId)) };
  const canceled = await rig.accept();
  rig.job.send('x');
  await rig.orchestrator.cancel(canceled.taskId);
  const canceledFrames = drain(await rig.read(canceled.taskId)).filter(({ kind }) => kind !== 'metrics');

  const next = await rig.restart();
  expect(await next.submit({ taskId })).toEqual({ outcome: 'repeated', answer: first });
  expect(await next.submit({ taskId, maxTokens: 3 })).toMatchObject({ error: { code: 'TASK_CONFLICT' } });
  expect(await next.submit({ taskId, maxTokens: 1_000 })).toMatchObject({ error: { code: 'TASK_CONFLICT' } });
  expect(await next.view(taskId)).toEqual(before.view);
  expect(drain(await next.read(taskId))).toEqual(before.frames.filter(({ kind }) => kind !== 'metrics'));
  expect(told(drain(await next.read(taskId, undefined, 1)))).toEqual(['2:b', '3:end']);
  expect((await next.read(taskId, undefined, 3)).ended).toBe(true);
  await expect(next.read(taskId, undefined, 4)).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
  expect(drain(await next.read(canceled.taskId))).toEqual(canceledFrames);
  expect(await next.orchestrator.cancel(taskId)).toBe('ended');
  expect(await next.orchestrator.cancel(canceled.taskId)).toBe('canceled');
  expect(await next.orchestrator.cancel(uniqueTaskId())).toBeUndefined();
  expect(next.adapter.jobs).toHaveLength(0);
  await next.stop();
});

verifies('ORCH-1241', 'a record whose transcript is not kept answers with a gap', async () => {
  const disk = new SimDisk();
  const rig = await new Rig({ disk, streamBufferBytes: 2 }).start();
  const { taskId } = await rig.accept();
  rig.job.send('aa', 'bb');
  rig.job.end();
  await rig.rest();
  const next = await rig.restart();
  await expect(next.read(taskId)).rejects.toMatchObject({ code: 'STREAM_GAP' });
  expect((await next.view(taskId)).state).toBe('completed');
  await next.stop();
});

verifies(
  ['ORCH-1241', 'ORCH-3484'],
  'pages go over what lives and what the store keeps, newest first, each once',
  async () => {
    const rig = await startRig();
    const ids: TaskId[] = [];
    const accept = async (on: Rig): Promise<void> => {
      await on.clock.advance(10);
      ids.push((await on.accept()).taskId);
    };
    for (let count = 0; count < 3; count += 1) {
      await accept(rig);
      rig.job.end();
      await rig.rest();
    }
    await accept(rig);
    await accept(rig);
    const next = await rig.restart({ limits: { maxTasks: { interactive: 9, batch: 9 } } });
    await next.orchestrator.cancel(ids[4] as TaskId);
    await accept(next);
    for (const limit of [1, 2, 4, 50]) {
      const listed: TaskId[] = [];
      let cursor: string | undefined;
      do {
        const page = await next.orchestrator.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.tasks.length).toBeLessThanOrEqual(limit);
        listed.push(...page.tasks.map(({ task }) => task.id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(listed).toEqual(ids.toReversed());
    }
    const { tasks } = await next.orchestrator.list({ limit: 9, state: 'canceled' });
    expect(tasks.map(({ task }) => task.id)).toEqual([ids[4]]);
    await expect(next.orchestrator.list({ limit: 9, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await next.stop();
  },
);

verifies(
  'ORCH-1300',
  'a session has the same turns, time and budget after a restart, also with a turn open',
  async () => {
    const sessionId = 'talk' as SessionId;
    const sessions = { ttlMs: 60_000, maxTurns: 2, budget: { tokens: 50 } };
    const rig = await new Rig({ disk: new SimDisk(), sessions }).start();
    await rig.accept({ sessionId, maxTokens: 10 });
    rig.job.send('a');
    rig.job.end({ tokensOut: 3 });
    await rig.rest();
    const ended = await rig.orchestrator.session(sessionId);
    const middle = await rig.restart();
    expect(await middle.orchestrator.session(sessionId)).toEqual({ ...ended, kvWarmth: false, replicaId: undefined });
    const { taskId } = await middle.accept({ sessionId, maxTokens: 10 });
    const before = await middle.orchestrator.session(sessionId);
    const next = await middle.restart();
    expect(await next.orchestrator.session(sessionId)).toMatchObject({
      turns: 2,
      budget: before?.budget,
      ttlMsRemaining: before?.ttlMsRemaining,
    });
    await next.clock.advance(70_000);
    expect(await next.submit({ sessionId })).toMatchObject({ error: { code: 'SESSION_LIMIT' } });
    expect(next.job.request.jobId).toBe((await next.view(taskId)).task.jobId);
    next.job.end({ tokensOut: 3 });
    await next.rest();
    expect(await next.orchestrator.session(sessionId)).toMatchObject({ turns: 2, budget: { tokens: 40 } });
    await next.stop();
  },
);

verifies(['ORCH-1230', 'ORCH-1012'], 'a replay waits for its own engine, at most as long as its deadline', async () => {
  const other = { state: 'ready', props: { ...TEST_PROPS, engineVersion: '2.0' } } as const;
  const rig = await startRig();
  const bounded = await rig.accept({ deadlineMs: 5_000 });
  await rig.clock.advance(9_000);
  const next = await rig.restart({ adapters: [new ManualAdapter(other)] });
  const fresh = await next.accept();
  expect(next.adapter.jobs.map(({ request }) => request.jobId)).toEqual([fresh.jobId]);
  await next.clock.advance(4_900);
  expect((await next.view(bounded.taskId)).state).toBe('queued');
  await next.clock.advance(100);
  expect((await next.view(bounded.taskId)).error).toMatchObject({ code: 'DEADLINE_UNMET', phase: 'queued' });

  const patient = await startRig();
  const { taskId, jobId } = await patient.accept();
  const adapter = new ManualAdapter(other);
  const later = await patient.restart({ adapters: [adapter] });
  await later.clock.advance(60_000);
  expect(adapter.jobs).toHaveLength(0);
  adapter.health = { state: 'ready', props: TEST_PROPS };
  await later.clock.advance(1_000);
  expect(adapter.jobs.map(({ request }) => request.jobId)).toEqual([jobId]);
  adapter.health = other;
  later.job.fail(new OrchError('WORKER_RESET'));
  await later.clock.advance(2_000);
  expect(await later.orchestrator.cancel(taskId)).toBe('canceled');
  await next.stop();
  await later.stop();
});

verifies(['ORCH-1220', 'ORCH-1221'], 'a stop leaves what waits and runs to the next process', async () => {
  const rig = await startRig();
  const running = await rig.accept();
  const waiting = await rig.accept({ deadlineMs: 60_000 });
  rig.job.send('a', 'b');
  const reader = await rig.read(running.taskId);
  await rig.stop();
  expect(rig.job.signal.aborted).toBe(true);
  expect(told(drain(reader))).toEqual(['0:started', '1:a', '2:b']);
  expect(rig.clock.pendingCount).toBe(0);
  const next = await rig.restart();
  expect(next.job.request.jobId).toBe(running.jobId);
  next.job.send('a', 'b', 'c');
  next.job.end();
  await next.rest();
  expect((await next.view(running.taskId)).receipt?.earlierAttempts).toMatchObject([{ reason: 'STOP' }]);
  expect(next.job.request.jobId).toBe(waiting.jobId);
  await next.stop();
});
