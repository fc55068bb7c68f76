// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import type { AdmissionAnswer, PoolId, QueueLimits } from '@llama-orch/orchestrator-core';
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
  const commits = new GroupCommit({ client, clock, spaceLow: false, lostRecordCount: 0, onHealth: () => undefined });
  const contents = { waiting: [], ended: [], paused: [], bursts: new Map<PoolId, number>() };
  const queue = new DurableTaskQueue({ commits, limits: () => LIMITS, endedIds: 10, keyRules: undefined, contents });
  const recovery = { tasks: [], sessions: [], keys: [], statistics: new Map<PoolId, string>(), lostRecordCount: 0 };
  const store = new SqliteTaskStore({ client, commits, clock, recovery });
  const acknowledge = async (): Promise<void> => {
    asked.at(-1)?.resolve({ staleCount: 0, spaceLow: false });
    await turn();
  };
  return { asked, queue, store, acknowledge };
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
