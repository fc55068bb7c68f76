// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { Rig, type RigOptions } from '../__fixtures__/rig.ts';
import type { Submission } from '../orchestrator-api.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import type { KeyId } from '../task/ids.ts';
import type { AdmissionAnswer, TaskRequest } from '../task/task.ts';
import { buildRequest } from '../testkit/index.ts';
import type { KeySpec } from './key-spec.ts';

const ALICE = 'alice' as KeyId;
const BOB = 'bob' as KeyId;
/** 18 bytes of prompt and two for the engine: with this output a task may use 30 tokens. */
const REQUEST = { maxTokens: 10 };

function key(id: KeyId, limits: Partial<KeySpec> = {}): KeySpec {
  return { id, weight: 1, priorities: ['interactive', 'batch'], ...limits };
}

function start(options: RigOptions): Promise<Rig> {
  return new Rig({ limits: { maxTasks: { interactive: 20, batch: 20 }, fairQuantumTokens: 20 }, ...options }).start();
}

function submit(rig: Rig, keyId: KeyId, fields: Partial<TaskRequest> = REQUEST): Promise<Submission> {
  const caller = { identity: 'token:abc123', keyId, correlationId: 'test' };
  return rig.orchestrator.submit(buildRequest({ ...REQUEST, ...fields }), caller);
}

async function accept(rig: Rig, keyId: KeyId, fields: Partial<TaskRequest> = REQUEST): Promise<AdmissionAnswer> {
  const submission = await submit(rig, keyId, fields);
  if (submission.outcome === 'rejected') throw submission.error;
  await rig.rest();
  return submission.answer;
}

/** The budget that an answer shows, or the code of its refusal. */
function told(submission: Submission): unknown {
  return submission.outcome === 'rejected' ? submission.error.code : submission.budget;
}

verifies(
  ['ORCH-1261', 'ORCH-1310'],
  'a restart keeps whose a task is, how many of a key wait, and what it has used and may use',
  async () => {
    const keys = [key(ALICE, { queuedTasks: 2, budget: { tokens: 100 } })];
    const rig = await start({ disk: new SimDisk(), keys });
    await accept(rig, ALICE);
    rig.job.end({ tokensIn: 5, tokensOut: 3 });
    await rig.rest();
    await accept(rig, ALICE);
    await accept(rig, ALICE);
    const { taskId } = await accept(rig, ALICE, { maxTokens: 5, priority: 'batch' });
    const next = await rig.restart();
    expect((await next.view(taskId)).task).toMatchObject({ keyId: ALICE, identity: 'token:abc123' });
    // 92 are left, 85 of them promised to the three that go on.
    expect(told(await submit(next, ALICE, { maxTokens: 1 }))).toBe('RATE_LIMITED');
    next.job.end({ tokensIn: 5, tokensOut: 3 });
    await next.rest();
    const refused = await submit(next, ALICE, { maxTokens: 20 });
    expect(refused).toMatchObject({ outcome: 'rejected', policyLabel: 'key_budget', budget: { tokens: 29 } });
    await next.stop();
  },
);

verifies('ORCH-1310', 'a task that is canceled, evicted, refused or fails gives back what it did not use', async () => {
  const keys = [key(ALICE, { budget: { tokens: 200 } })];
  const rig = await start({ keys, limits: { maxTasks: { interactive: 1, batch: 1 }, fullPolicy: 'drop-lru' } });
  await accept(rig, ALICE, { determinism: 'best_effort' });
  const waiting = await accept(rig, ALICE);
  expect(told(await submit(rig, ALICE, { maxTokens: 32, priority: 'batch' }))).toEqual({ tokens: 88 });
  await rig.orchestrator.cancel(waiting.taskId);
  expect(told(await submit(rig, ALICE, { priority: 'batch' }))).toEqual({ tokens: 140 });
  rig.job.send('a');
  rig.job.fail(new OrchError('DECODE_TIMEOUT'));
  await rig.rest();
  rig.job.end({ tokensIn: 0, tokensOut: 0 });
  await rig.rest();
  // The one token that was given before the engine failed stays paid.
  expect(told(await submit(rig, ALICE))).toEqual({ tokens: 169 });
  await rig.stop();
});

verifies(
  'ORCH-1262',
  'two keys get their turns although one came with many tasks, and what was used is charged',
  async () => {
    const rig = await start({ keys: [key(ALICE), key(BOB)] });
    const mine: AdmissionAnswer[] = [];
    for (let count = 0; count < 5; count += 1) mine.push(await accept(rig, ALICE));
    const his = [await accept(rig, BOB), await accept(rig, BOB)];
    const order: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      order.push(rig.job.request.jobId);
      rig.job.end({ tokensIn: 5, tokensOut: 10 });
      await rig.rest();
    }
    const [a1, a2, a3, a4, a5] = mine.map(({ jobId }) => jobId);
    const [b1, b2] = his.map(({ jobId }) => jobId);
    expect(order.indexOf(b1!)).toBeLessThanOrEqual(2);
    expect(order.indexOf(b2!)).toBeLessThan(order.indexOf(mine[4]!.jobId));
    expect(order.filter((jobId) => jobId !== b1 && jobId !== b2)).toEqual([a1, a2, a3, a4, a5]);
    await rig.stop();
  },
);

verifies('ORCH-1261', 'a pool that a key may not use is to it as if it were not there', async () => {
  const rig = await start({ keys: [key(ALICE, { pools: [] }), key(BOB)] });
  expect(told(await submit(rig, ALICE))).toBe('POOL_UNAVAILABLE');
  await accept(rig, BOB);
  await rig.stop();
});
