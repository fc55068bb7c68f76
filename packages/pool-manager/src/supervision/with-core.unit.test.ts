// SPDX-License-Identifier: MIT
import {
  createMemoryTaskQueue,
  createOrchestrator,
  type Orchestrator,
  type PoolId,
  type QueueLimits,
  type ReplicaId,
  type TaskId,
  type TaskRequest,
} from '@llama-orch/orchestrator-core';
import {
  FakeClock,
  SeededIdSource,
  SeededRandom,
  sha256Digest,
  TEST_SAMPLING,
} from '@llama-orch/orchestrator-core/testkit';
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { FakeLauncher, ListLogger } from '../__fixtures__/fake-engines.ts';
import { createManagedReplica } from '../create-managed-replica.ts';
import { engineFault } from '../engine-fault.ts';
import type { ManagedReplica } from '../managed-replica.ts';

const PROBE_INTERVAL_MS = 10_000;
const LIMITS: QueueLimits = {
  maxTasks: { interactive: 10, batch: 10 },
  maxBytes: 1_000_000,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

/** A pool of one managed replica. */
interface PoolRig {
  readonly launcher: FakeLauncher;
  readonly replica: ManagedReplica;
}

/** The core on two pools, `left` and `right`, in virtual time. */
interface CoreRig {
  readonly clock: FakeClock;
  readonly orchestrator: Orchestrator;
  readonly left: PoolRig;
  readonly right: PoolRig;
  submit(poolId: string, fields?: Partial<TaskRequest>): Promise<TaskId>;
}

async function coreRig(): Promise<CoreRig> {
  const clock = new FakeClock();
  const random = new SeededRandom(1);
  const logger = new ListLogger();
  const pool = (id: string): PoolRig => {
    const launcher = new FakeLauncher();
    return { launcher, replica: createManagedReplica({ id: `${id}-0`, launcher, clock, random, logger }) };
  };
  const [left, right] = [pool('left'), pool('right')];
  const orchestrator = createOrchestrator({
    ports: {
      clock,
      random,
      logger,
      ids: new SeededIdSource(random),
      digest: sha256Digest,
      meter: { add: () => undefined, set: () => undefined, observe: () => undefined },
    },
    queue: createMemoryTaskQueue({ limits: () => LIMITS, retention: { endedTasks: 100 } }),
    pools: Object.entries({ left, right }).map(([id, { replica }]) => ({
      id: id as PoolId,
      modelRefs: [id],
      replicas: [{ id: replica.id as ReplicaId, adapter: replica.adapter }],
      limits: LIMITS,
      maxTokensOut: 32,
    })),
    samplerProfiles: [{ version: 'default-1', sampling: TEST_SAMPLING }],
    sessions: { ttlMs: 60_000, maxTurns: 3 },
    streamBufferBytes: 1_000_000,
    retention: { endedTasks: 100, transcriptBytes: 1_000_000 },
    abortGraceMs: 3_000,
    liveIntervalMs: 500,
    probeIntervalMs: PROBE_INTERVAL_MS,
  });
  await Promise.all([left.replica.load(), right.replica.load()]);
  void orchestrator.start(new AbortController().signal);
  await clock.advance(0);
  return {
    clock,
    orchestrator,
    left,
    right,
    async submit(poolId, fields = {}) {
      const request = { input: { workload: 'completion', prompt: 'hi' }, poolId: poolId as PoolId, ...fields } as const;
      const submission = await orchestrator.submit(request, { identity: 'anonymous', correlationId: 'test' });
      if (submission.outcome === 'rejected') throw submission.error;
      await clock.advance(0);
      return submission.answer.taskId;
    },
  };
}

verifies('ORCH-1406', 'the self-test is no task', async () => {
  const { orchestrator, left } = await coreRig();
  expect(left.launcher.last.adapter.requests).toHaveLength(2);
  expect((await orchestrator.list({ limit: 10 })).tasks).toEqual([]);
  await orchestrator.stop('the test is over');
});

verifies(
  'ORCH-1413',
  'when an engine exits its jobs are told or replayed, the queue is kept, other pools go on',
  async () => {
    const { clock, orchestrator, left, right, submit } = await coreRig();
    const strict = await submit('left', { determinism: 'strict' });
    const loose = await submit('left', { determinism: 'best_effort' });
    const others = await Promise.all([submit('left'), submit('left')]);
    const waiting = await submit('left');
    const elsewhere = await submit('right');
    const stateOf = async (id: TaskId) => (await orchestrator.get(id))?.state;
    expect([await stateOf(strict), await stateOf(waiting), await stateOf(elsewhere)]).toEqual([
      'running',
      'queued',
      'running',
    ]);
    left.launcher.last.exit('killed', 'It was ended by SIGKILL.');
    await clock.advance(300);
    expect(await orchestrator.get(loose)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
    expect([await stateOf(waiting), await stateOf(elsewhere)]).toEqual(['queued', 'running']);
    expect(right.launcher.engines).toHaveLength(1);
    await clock.advance(1_000);
    expect(left.launcher.engines).toHaveLength(2);
    expect(await Promise.all([strict, ...others, waiting].map(stateOf))).toEqual(Array(4).fill('running'));
    for (const generation of left.launcher.last.adapter.generations) generation.end();
    await clock.advance(0);
    expect(await stateOf(strict)).toBe('completed');
    await orchestrator.stop('the test is over');
  },
);

verifies(
  'ORCH-1412',
  'while its breaker is open a pool refuses with POOL_UNREADY and says when to come back',
  async () => {
    const { clock, left, submit } = await coreRig();
    left.launcher.fault = engineFault('exited', 'It exited with 1 status.');
    left.launcher.last.exit();
    await clock.advance(1_000);
    await expect(submit('left')).resolves.toEqual(expect.any(String));
    await clock.advance(60_000);
    expect(left.replica.view().state).toBe('failed');
    await expect(submit('left')).rejects.toMatchObject({ code: 'POOL_UNREADY' });
    const refusal = await submit('left').catch((error: unknown) => error);
    const [retryAfterMs, retryInMs] = [
      OrchError.is(refusal) && refusal.retryAfterMs,
      left.replica.view().retryInMs ?? 0,
    ];
    expect(retryAfterMs).toBeGreaterThanOrEqual(retryInMs);
    expect(retryAfterMs).toBeLessThanOrEqual(retryInMs + PROBE_INTERVAL_MS);
    await expect(submit('right')).resolves.toEqual(expect.any(String));
  },
);
