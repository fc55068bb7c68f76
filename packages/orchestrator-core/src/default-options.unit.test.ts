// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { ManualAdapter } from './__fixtures__/manual-adapter.ts';
import { DEFAULT_QUEUE_LIMITS, DEFAULT_SAMPLER_PROFILE } from './default-options.ts';
import type { Orchestrator, OrchestratorOptions, PoolSpec } from './orchestrator-api.ts';
import { createOrchestrator } from './orchestrator.ts';
import type { QueueLimits } from './queue/task-queue.ts';
import { SimDisk } from './simulation/sim-disk.ts';
import { SimStore } from './simulation/sim-store.ts';
import type { PoolId, ReplicaId } from './task/ids.ts';
import { FakeClock, SeededIdSource, SeededRandom, sha256Digest } from './testkit/index.ts';

const drop = (): void => undefined;
const caller = { identity: 'anonymous', correlationId: 'test' };
const ONE_EACH: QueueLimits = { ...DEFAULT_QUEUE_LIMITS, maxTasks: { interactive: 1, batch: 1 } };

/** A pool that is what it must be, with one engine of one slot. */
function poolOf(id: string, limits?: QueueLimits): PoolSpec & { readonly adapter: ManualAdapter } {
  const adapter = new ManualAdapter();
  const replicas = [{ id: `${id}-0` as ReplicaId, adapter }];
  return { id: id as PoolId, replicas, maxTokensOut: 32, adapter, ...(limits && { limits }) };
}

/** An orchestrator of which is said what must be said, and its time. */
function orchestratorOf(options: Omit<OrchestratorOptions, 'ports'>): { orchestrator: Orchestrator; clock: FakeClock } {
  const clock = new FakeClock();
  const random = new SeededRandom(1);
  const ids = new SeededIdSource(random);
  const meter = { add: drop, set: drop, observe: drop };
  const ports = { clock, random, ids, digest: sha256Digest, logger: { log: drop }, meter };
  return { clock, orchestrator: createOrchestrator({ ports, ...options }) };
}

/** What becomes of `count` tasks for a pool. */
async function outcomesOf(orchestrator: Orchestrator, poolId: PoolId, count: number): Promise<readonly string[]> {
  const request = { poolId, input: { workload: 'completion', prompt: 'rain' } } as const;
  const submissions = Array.from({ length: count }, async () => orchestrator.submit(request, caller));
  return (await Promise.all(submissions)).map(({ outcome }) => outcome);
}

verifies('ORCH-3486', 'ports and a pool are all that an orchestrator must be told', async () => {
  const pool = poolOf('rain');
  const { orchestrator, clock } = orchestratorOf({ pools: [pool] });
  void orchestrator.start(new AbortController().signal);
  await clock.advance(0);
  const submission = await orchestrator.submit({ input: { workload: 'completion', prompt: 'rain' } }, caller);
  if (submission.outcome === 'rejected') throw submission.error;
  await clock.advance(0);
  pool.adapter.jobs[0]?.end();
  await clock.advance(0);
  expect(await orchestrator.get(submission.answer.taskId)).toMatchObject({
    state: 'completed',
    receipt: { samplerProfileVersion: 'default-1', sampling: DEFAULT_SAMPLER_PROFILE.sampling },
  });
  expect(await orchestrator.pool(pool.id)).toMatchObject({ ready: true, limits: DEFAULT_QUEUE_LIMITS });
  await orchestrator.stop('the test is over');
});

verifies('ORCH-3486', 'the default queue has the limits of each pool, and of pools that come later', async () => {
  const narrow = poolOf('narrow', ONE_EACH);
  const { orchestrator } = orchestratorOf({ pools: [narrow, poolOf('wide')] });
  expect(await outcomesOf(orchestrator, narrow.id, 3)).toEqual(['accepted', 'rejected', 'rejected']);
  expect(await outcomesOf(orchestrator, 'wide' as PoolId, 3)).toEqual(['accepted', 'accepted', 'accepted']);
  const later = poolOf('later', ONE_EACH);
  await orchestrator.addPool(later);
  expect(await outcomesOf(orchestrator, later.id, 2)).toEqual(['accepted', 'rejected']);
  await orchestrator.stop('the test is over');
});

verifies('ORCH-3486', 'a store without its queue and a list without a sampler profile are refused', () => {
  const clock = new FakeClock();
  const limits = (): QueueLimits => ONE_EACH;
  const store = new SimStore({ limits, retention: { endedTasks: 1 }, disk: new SimDisk(), clock });
  expect(() => orchestratorOf({ pools: [poolOf('rain')], store })).toThrow('A store comes with its own queue.');
  expect(() => orchestratorOf({ pools: [poolOf('rain')], samplerProfiles: [] })).toThrow('Needs a sampler profile.');
});
