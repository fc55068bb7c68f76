// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { describe, expect } from 'vitest';
import { ManualAdapter, TEST_PROPS } from '../__fixtures__/manual-adapter.ts';
import { Rig, drain, type RigOptions } from '../__fixtures__/rig.ts';
import { SimDisk } from '../simulation/sim-disk.ts';
import { EventLog } from '../stream/event-log.ts';
import type { Lease } from '../queue/task-queue.ts';
import type { SessionId, TaskId } from '../task/ids.ts';
import { FakeClock, TEST_POOL, buildTask, sha256Digest } from '../testkit/index.ts';
import { startedChunk } from '../task/started-chunk.ts';
import type { DeliveredPrefix } from '../store/task-store.ts';
import { Delivery } from './delivery.ts';
import { ProgressKeeper } from './progress-keeper.ts';

const RESET = new OrchError('WORKER_RESET', { message: 'gone' });

async function startPair(options: RigOptions = {}): Promise<{ rig: Rig; first: ManualAdapter; second: ManualAdapter }> {
  const [first, second] = [new ManualAdapter(), new ManualAdapter()];
  const rig = await new Rig({ disk: new SimDisk(), adapters: [first, second], ...options }).start();
  return { rig, first, second };
}

/** The engine of the job handed over last is down from now on. */
async function crash(rig: Rig, adapter: ManualAdapter): Promise<void> {
  adapter.health = { state: 'failed', error: RESET };
  adapter.jobs.at(-1)?.fail(RESET);
  await rig.rest();
}

for (const [where, disk] of [
  ['on disk', new SimDisk()],
  ['in memory', undefined],
] as const) {
  const title = `with a queue ${where} another replica carries on and readers notice a pause only`;
  verifies(['ORCH-1234', 'ORCH-1233', 'ORCH-1237'], title, async () => {
    const { rig, first, second } = await startPair({ disk });
    const { taskId, jobId } = await rig.accept();
    const reader = await rig.read(taskId);
    first.jobs[0]?.send('a', 'b', 'c');
    const chunks = drain(reader);
    await crash(rig, first);
    expect(second.jobs.map(({ request }) => request)).toEqual([first.jobs[0]?.request]);
    expect(second.jobs[0]?.request.jobId).toBe(jobId);
    second.jobs[0]?.send('a');
    second.jobs[0]?.send('b', 'c', 'd');
    second.jobs[0]?.end({ tokensOut: 4 });
    await rig.rest();
    chunks.push(...drain(reader));
    expect(chunks.filter(({ kind }) => kind !== 'metrics')).toMatchObject([
      { kind: 'started' },
      { firstIndex: 0, texts: ['a', 'b', 'c'] },
      { firstIndex: 3, texts: ['d'] },
      { kind: 'end', seq: 5, tokensOut: 4, receipt: { attempt: 2, replicaId: 'replica-1' } },
    ]);
    const { receipt, output } = await rig.view(taskId);
    expect(output?.text).toBe('abcd');
    expect(receipt?.outputSha256).toBe(sha256Digest.sha256Hex('abcd'));
    const engine = { engine: 'manual', engineVersion: '1.0', modelDigest: 'sha256:00' };
    expect(receipt?.earlierAttempts).toEqual([{ replicaId: 'replica-0', engine, reason: 'WORKER_RESET' }]);
    expect(rig.meter.total('tasks_replayed_total')).toBe(1);
    await rig.stop();
  });
}

verifies('ORCH-1234', 'where there is one replica, it carries on once it is back, before what waits', async () => {
  const rig = await new Rig({ disk: new SimDisk() }).start();
  const { taskId, jobId } = await rig.accept();
  await rig.accept();
  rig.job.send('a');
  await crash(rig, rig.adapter);
  expect((await rig.view(taskId)).queuePosition).toBe(0);
  rig.adapter.health = { state: 'ready', props: TEST_PROPS };
  await rig.clock.advance(1_000);
  expect(rig.job.request.jobId).toBe(jobId);
  await rig.stop();
});

verifies(['ORCH-1232', 'ORCH-1027'], 'a replay that differs or is shorter ends the job and shows nothing', async () => {
  for (const replay of [
    ['a', 'x'],
    ['ab', 'c'],
    ['a', 'b'],
    ['a', 'bc', 'd'],
  ]) {
    const { rig, first, second } = await startPair();
    const { taskId } = await rig.accept();
    const reader = await rig.read(taskId);
    first.jobs[0]?.send('a', 'b', 'c');
    drain(reader);
    await crash(rig, first);
    second.jobs[0]?.send(...replay);
    second.jobs[0]?.end();
    await rig.rest();
    const told = drain(reader).filter(({ kind }) => kind !== 'metrics');
    expect(told).toMatchObject([{ kind: 'error', seq: 4, error: { code: 'WORKER_RESET', retriable: true } }]);
    expect((await rig.orchestrator.pools())[0]?.replicas[1]?.state).toBe('ready');
    await rig.stop();
  }
});

verifies(['ORCH-1235', 'ORCH-1230'], 'after the third crash the job is poisoned and others go on', async () => {
  const rig = await new Rig({ disk: new SimDisk() }).start();
  const { taskId, jobId } = await rig.accept();
  const other = await rig.accept();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect(rig.job.request.jobId).toBe(jobId);
    if (attempt === 2) rig.job.send('a');
    rig.job.fail(RESET);
    await rig.clock.advance(1_000);
  }
  const { state, error } = await rig.view(taskId);
  expect([state, error?.code, error?.phase, error?.retriable]).toEqual(['failed', 'TASK_POISONED', 'running', false]);
  expect(rig.job.request.jobId).toBe(other.jobId);
  await rig.stop();
});

verifies('ORCH-1235', 'the attempt is stored before an engine is called, and with it those before', async () => {
  const disk = new SimDisk();
  const { rig, first, second } = await startPair({ disk });
  const { taskId } = await rig.accept();
  const stored = (): unknown => disk.rows.get(taskId)?.runs?.map(({ replicaId, reason }) => [replicaId, reason]);
  const seen: unknown[] = [];
  for (const adapter of [first, second]) {
    const run = adapter.run.bind(adapter);
    adapter.run = (...args) => {
      seen.push(stored());
      return run(...args);
    };
  }
  await crash(rig, first);
  expect(stored()).toEqual([
    ['replica-0', 'WORKER_RESET'],
    ['replica-1', undefined],
  ]);
  expect(seen).toEqual([stored()]);
  await rig.stop();
});

verifies('ORCH-1230', 'best_effort jobs are not started over', async () => {
  const { rig, first } = await startPair();
  const { taskId } = await rig.accept({ determinism: 'best_effort' });
  first.jobs[0]?.send('a');
  await crash(rig, first);
  expect((await rig.view(taskId)).error?.code).toBe('WORKER_RESET');
  await rig.stop();
});

verifies('ORCH-1223', 'what the engine of a lost attempt still sends is dropped and counted', async () => {
  const { rig, first, second } = await startPair();
  const { taskId } = await rig.accept();
  first.jobs[0]?.send('a');
  await crash(rig, first);
  first.jobs[0]?.send('late', 'later');
  second.jobs[0]?.send('a', 'b');
  second.jobs[0]?.end();
  await rig.rest();
  expect((await rig.view(taskId)).output?.text).toBe('ab');
  expect(rig.meter.total('fenced_writes_total')).toBe(1);
  await rig.stop();
});

verifies('ORCH-1236', 'a session is cold after a failover until a turn has run there', async () => {
  const { rig, first, second } = await startPair();
  const sessionId = 'talk' as SessionId;
  await rig.accept({ sessionId });
  first.jobs[0]?.end();
  await rig.rest();
  const { taskId } = await rig.accept({ sessionId });
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: true, replicaId: 'replica-0' });
  first.jobs[1]?.send('a');
  const reader = await rig.read(taskId);
  drain(reader);
  await crash(rig, first);
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: false });
  expect(drain(reader).at(-1)).toMatchObject({ kind: 'metrics', replicaId: 'replica-1', kvWarmth: false });
  second.jobs[0]?.send('a');
  second.jobs[0]?.end();
  await rig.rest();
  expect(await rig.orchestrator.session(sessionId)).toMatchObject({ kvWarmth: true, replicaId: 'replica-1' });
  await rig.stop();
});

verifies(
  ['ORCH-1031', 'ORCH-1234'],
  'a cancel while the job waits for its replay, or replays, ends it there',
  async () => {
    for (const replays of [false, true]) {
      const { rig, first, second } = await startPair();
      const { taskId } = await rig.accept();
      const reader = await rig.read(taskId);
      first.jobs[0]?.send('a', 'b');
      drain(reader);
      if (!replays) second.health = { state: 'failed', error: RESET };
      if (!replays) await rig.clock.advance(2_000);
      await crash(rig, first);
      second.jobs[0]?.send('a');
      expect(await rig.orchestrator.cancel(taskId)).toBe('canceled');
      second.jobs[0]?.send('b', 'c');
      const told = drain(reader).filter(({ kind }) => kind !== 'metrics');
      expect(told).toMatchObject([{ kind: 'end', seq: 3, tokensOut: 2, finishReason: 'canceled' }]);
      await rig.stop();
    }
  },
);

describe('a delivery', () => {
  const task = buildTask({ poolId: TEST_POOL });
  const answer = { taskId: task.id, jobId: task.jobId, poolId: TEST_POOL, state: 'queued', queuePosition: 0 } as const;

  function open(maxBytes: number): EventLog {
    const log = new EventLog({ maxBytes, digest: sha256Digest });
    log.start(startedChunk(task, { ...answer, backoffMs: 0, seed: 1 }));
    return log;
  }

  verifies(
    'ORCH-1213',
    'is looked at once a second for its progress, together with all others, and never per token',
    async () => {
      const clock = new FakeClock();
      const kept: [string, DeliveredPrefix][] = [];
      const store = {
        keepProgress: ({ task: { id } }: Lease, prefix: DeliveredPrefix) => void kept.push([id, prefix]),
      };
      const keeper = new ProgressKeeper({ clock, store });
      const [a, b] = ['a', 'b'].map((id) => {
        const delivery = new Delivery({ digest: sha256Digest, log: open(1_000_000), expected: undefined });
        const lease: { -readonly [Key in keyof Lease]: Lease[Key] } = {
          task: { ...task, id: id as TaskId },
          epoch: 1,
          loss: undefined,
          onLost: undefined,
        };
        return { delivery, lease, unfollow: keeper.follow(lease, delivery) };
      });
      const told = (): (readonly [string, number])[] => {
        return kept.splice(0).map(([id, { pieceCount }]) => [id, pieceCount] as const);
      };
      for (let count = 0; count < 2_000; count += 1) a?.delivery.append(['xyz']);
      expect(told()).toEqual([]);
      await clock.advance(999);
      expect(told()).toEqual([]);
      b?.delivery.append(['y', 'z']);
      await clock.advance(1);
      expect(kept[0]?.[1].sha256).toBe(sha256Digest.sha256Hex('xyz'.repeat(2_000)));
      expect(told()).toEqual([
        ['a', 2_000],
        ['b', 2],
      ]);
      b?.delivery.append(['!']);
      await clock.advance(1_000);
      expect(told()).toEqual([['b', 3]]);
      if (a !== undefined) a.lease.loss = 'canceled';
      a?.delivery.append(['late']);
      await clock.advance(1_000);
      expect(told()).toEqual([]);
      a?.unfollow();
      b?.unfollow();
      expect(clock.pendingCount).toBe(0);
    },
  );

  verifies('ORCH-1231', 'compares text that the log has dropped by its digest, whatever the batches', () => {
    for (const [replay, holds] of [
      ['abcdefgh', true],
      ['abXdefgh', false],
      ['abcdefgX', false],
    ] as const) {
      const log = open(3);
      const first = new Delivery({ digest: sha256Digest, log, expected: undefined });
      first.append(Array.from('abc'));
      first.append(Array.from('defgh'));
      expect(log.firstTokenIndex).toBe(5);
      const expected = first.delivered;
      const second = new Delivery({ digest: sha256Digest, log, expected });
      const taken = [
        second.append(Array.from(replay.slice(0, 4))),
        second.append([...Array.from(replay.slice(4)), 'i', 'j']),
      ];
      expect(taken.includes(false)).toBe(!holds);
      expect(log.tokenCount).toBe(holds ? 10 : 8);
    }
  });
});
