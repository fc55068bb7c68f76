// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter, type ManualJob } from '../__fixtures__/manual-adapter.ts';
import { Rig, drain } from '../__fixtures__/rig.ts';
import type { SessionId } from '../task/ids.ts';

const TALK = 'talk' as SessionId;
const LINGER_MS = 10_000;

interface Pair {
  readonly rig: Rig;
  readonly first: ManualAdapter;
  readonly second: ManualAdapter;
}

/** Two replicas of one slot each. */
async function startPair(): Promise<Pair> {
  const [first, second] = [new ManualAdapter(), new ManualAdapter()];
  return { rig: await new Rig({ adapters: [first, second] }).start(), first, second };
}

function last(adapter: ManualAdapter): ManualJob {
  const job = adapter.jobs.at(-1);
  if (job === undefined) throw new Error('The replica got no job.');
  return job;
}

verifies('ORCH-1302', 'a turn goes back to its replica, and others spare it while another slot is free', async () => {
  const { rig, first, second } = await startPair();
  await rig.accept({ sessionId: TALK });
  last(first).end();
  await rig.rest();
  await rig.accept();
  expect([first.jobs.length, second.jobs.length], 'the replica of the session is spared').toEqual([1, 1]);
  const { taskId } = await rig.accept({ sessionId: TALK });
  expect(first.jobs).toHaveLength(2);
  drain(await rig.read(taskId));
  last(first).end({ tokensOut: 1, prefixReuse: true });
  await rig.rest();
  expect((await rig.view(taskId)).receipt).toMatchObject({ replicaId: 'replica-0', prefixReuse: true });
  await rig.accept();
  expect(first.jobs, 'no other slot is free, so none is held').toHaveLength(3);
  await rig.stop();
});

verifies('ORCH-1302', 'a replica is spared for so long and no longer', async () => {
  const { rig, first, second } = await startPair();
  await rig.accept({ sessionId: TALK });
  last(first).end();
  await rig.clock.advance(LINGER_MS);
  await rig.accept();
  expect([first.jobs.length, second.jobs.length]).toEqual([2, 0]);
  await rig.stop();
});

verifies(
  ['ORCH-1302', 'ORCH-1301'],
  'the turn that waited for its session starts where the one before it ran',
  async () => {
    const { rig, first, second } = await startPair();
    await rig.accept();
    await rig.accept({ sessionId: TALK });
    const { taskId } = await rig.accept({ sessionId: TALK });
    expect((await rig.view(taskId)).state).toBe('queued');
    last(first).end();
    await rig.rest();
    expect((await rig.view(taskId)).state, 'a free slot is not for it').toBe('queued');
    last(second).end();
    await rig.rest();
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 2]);
    expect((await rig.view(taskId)).state).toBe('running');
    await rig.stop();
  },
);

verifies(['ORCH-1303', 'ORCH-3203'], 'a session is warm only as long as an engine keeps its context', async () => {
  const { rig, first } = await startPair();
  await rig.accept({ sessionId: TALK });
  last(first).end({ contextKept: false });
  await rig.rest();
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: false, replicaId: 'replica-0' });
  await rig.accept({ sessionId: TALK });
  last(first).end({ contextKept: true });
  await rig.rest();
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: true });
  await rig.accept();
  await rig.accept();
  last(first).end({ displacedSessionId: TALK });
  await rig.rest();
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: false });
  await rig.stop();
});

verifies('ORCH-1303', 'what the engine says it holds is what is told, and nothing where it cannot tell', async () => {
  const { rig, first } = await startPair();
  await rig.accept({ sessionId: TALK });
  last(first).end();
  await rig.rest();
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: true });
  expect(await rig.orchestrator.session(TALK)).not.toHaveProperty('kvBytes');
  first.contexts = [{ sessionId: TALK, bytes: 125_781 }];
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: true, kvBytes: 125_781 });
  expect(await rig.orchestrator.sessions()).toMatchObject([{ kvWarmth: true, kvBytes: 125_781 }]);
  first.contexts = [];
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: false });
  first.metrics = () => Promise.reject(new Error('down'));
  expect(await rig.orchestrator.session(TALK)).toMatchObject({ kvWarmth: true });
  await rig.stop();
});

verifies('ORCH-1303', 'an ended session is forgotten by its engine, also when a turn of it still runs', async () => {
  const { rig, first } = await startPair();
  expect(await rig.orchestrator.endSession(TALK)).toBe(false);
  await rig.accept({ sessionId: TALK });
  last(first).end();
  await rig.rest();
  const { taskId } = await rig.accept({ sessionId: TALK });
  expect(await rig.orchestrator.endSession(TALK)).toBe(true);
  expect(first.forgotten).toEqual([TALK]);
  expect(await rig.orchestrator.session(TALK)).toBeUndefined();
  last(first).end({ tokensOut: 0 });
  await rig.rest();
  expect((await rig.view(taskId)).state, 'its turns go on').toBe('completed');
  expect(first.forgotten).toEqual([TALK, TALK]);
  await rig.stop();
});
