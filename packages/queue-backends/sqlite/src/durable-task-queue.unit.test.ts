// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import type { AdmissionAnswer, PoolId, QueueLimits, Task, TaskArchive } from '@llama-orch/orchestrator-core';
import { FakeClock, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableTaskQueue } from './durable-task-queue.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteTaskStore } from './sqlite-task-store.ts';
import type { StoreCall } from './protocol.ts';
import type { StoreClient } from './store-client.ts';

const POOL = 'pool' as PoolId;
const LIMITS: QueueLimits = {
  maxTasks: { interactive: 1, batch: 1 },
  maxBytes: 1_000,
  fullPolicy: 'drop-lru',
  interactiveBurst: 1,
};

/** A queue whose commits the test acknowledges. */
function setUp() {
  const asked: PromiseWithResolvers<unknown>[] = [];
  const call = ({ kind }: StoreCall): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>();
    if (kind === 'commit') asked.push(answer);
    return answer.promise;
  };
  const client = { call, whenGone: Promise.withResolvers<undefined>().promise } as unknown as StoreClient;
  const clock = new FakeClock();
  const onHealth = (): void => undefined;
  const commits = new GroupCommit({ client, clock, spaceLow: false, lostRecordCount: 0, onHealth, gathers: true });
  const contents = { waiting: [], ended: [], paused: [], bursts: new Map<PoolId, number>() };
  const queue = new DurableTaskQueue({ commits, limits: () => LIMITS, endedIds: 10, keyRules: undefined, contents });
  const recovery = { tasks: [], sessions: [], keys: [], statistics: new Map<PoolId, string>(), lostRecordCount: 0 };
  const store = new SqliteTaskStore({ client, commits, clock, recovery });
  const acknowledge = async (): Promise<void> => {
    asked.at(-1)?.resolve(undefined);
    await turn();
  };
  return { asked, clock, queue, store, acknowledge };
}

/** A task that has ended after so long. */
function archiveOf(task: Task, totalTimeMs: number): TaskArchive {
  const { id: taskId, jobId } = task;
  const admission: AdmissionAnswer = {
    ...{ taskId, jobId, poolId: POOL, state: 'queued', seed: 1, queuePosition: 0, backoffMs: 0 },
  };
  const timings = { createdAt: 0, totalTimeMs };
  return { task, admission, state: 'completed', timings, attempts: 1, pieceCount: 0, endedAt: 0 };
}

verifies('ORCH-1204', 'a task that finds a free slot is ready to run after one commit', async () => {
  const { asked, queue, store, acknowledge } = setUp();
  const steps: string[] = [];
  const claimed = queue.claim(POOL, new AbortController().signal).then(async (lease) => {
    steps.push('claimed');
    await store.keepAttempts(lease!, []);
    steps.push('may run');
  });
  const task = buildTask({ poolId: POOL });
  const admitted = queue.admit(task, () => {
    const answer: AdmissionAnswer = {
      taskId: task.id,
      jobId: task.jobId,
      poolId: POOL,
      state: 'queued',
      seed: 1,
      queuePosition: 0,
      backoffMs: 0,
    };
    void store.keepAdmission(answer).then(() => steps.push('told'));
  });
  await turn();
  await turn();
  expect([steps, asked.length]).toEqual([['claimed'], 1]);
  await acknowledge();
  await Promise.all([admitted, claimed]);
  expect([steps.toSorted(), asked.length]).toEqual([['claimed', 'may run', 'told'], 1]);
});

verifies('ORCH-1202', 'neither a task nor a repeat nor an eviction is answered before its commit', async () => {
  const { queue, acknowledge } = setUp();
  const answers: string[] = [];
  const [first, second] = [buildTask({ poolId: POOL }), buildTask({ poolId: POOL })];
  const admit = (name: string, task = first): Promise<number> =>
    queue.admit(task).then(({ outcome }) => answers.push(`${name} ${outcome}`));
  const all = [admit('first'), admit('again'), admit('evicting', second)];
  await turn();
  await turn();
  expect(answers).toEqual([]);
  await acknowledge();
  await Promise.all(all);
  expect(answers).toEqual(['first accepted', 'again repeated', 'evicting accepted']);
});

verifies(
  'ORCH-1204',
  'an end waits three hundredths of the time its task took, and whoever else asks waits for no end',
  async () => {
    const { asked, clock, queue, store, acknowledge } = setUp();
    const task = buildTask({ poolId: POOL });
    const admitted = queue.admit(task);
    const lease = (await queue.claim(POOL, new AbortController().signal))!;
    await turn();
    await acknowledge();
    await admitted;
    const settled = queue.settle(lease, { outcome: 'completed' }, archiveOf(task, 1_000));
    store.keepStatistics(POOL, 'text');
    await clock.advance(29);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked).toHaveLength(2);
    await acknowledge();
    expect(await settled).toBe('done');
    store.keepStatistics(POOL, 'text');
    await turn();
    expect(asked).toHaveLength(2);
    const repeated = queue.admit(task);
    await turn();
    await turn();
    await acknowledge();
    expect(await repeated).toMatchObject({ outcome: 'repeated' });
  },
);
