// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { PoolId, SessionId, Task, TaskArchive, TaskId } from '@llama-orch/orchestrator-core';
import { FakeClock, TEST_POOL, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { WIDE, openStore, temporaryDirectory } from './__fixtures__/test-store.ts';
import type { SqliteBackend, SqliteBackendOptions } from './index.ts';

const quiet = new AbortController().signal;

/** A store that can be closed and opened again. */
class Bench implements AsyncDisposable {
  readonly #path: string;
  readonly #cleanUp: () => PromiseLike<void>;
  backend: SqliteBackend;

  constructor(path: string, cleanUp: () => PromiseLike<void>, backend: SqliteBackend) {
    this.#path = path;
    this.#cleanUp = cleanUp;
    this.backend = backend;
  }

  static async open(options: Partial<SqliteBackendOptions> = {}): Promise<Bench> {
    const directory = await temporaryDirectory();
    const backend = await openStore(directory.path, options);
    return new Bench(directory.path, () => directory[Symbol.asyncDispose](), backend);
  }

  async reopen(options: Partial<SqliteBackendOptions> = {}): Promise<void> {
    await this.backend.close();
    this.backend = await openStore(this.#path, options);
  }

  async admit(fields: Partial<Task> = {}): Promise<Task> {
    const task = buildTask({ createdAt: new FakeClock().wallNowMs(), ...fields });
    expect(await this.backend.queue.admit(task)).toMatchObject({ outcome: 'accepted' });
    return task;
  }

  async claim(poolId: PoolId = TEST_POOL) {
    return (await this.backend.queue.claim(poolId, quiet))!;
  }

  async drain(): Promise<TaskId[]> {
    const ids: TaskId[] = [];
    const { queue } = this.backend;
    for (;;) {
      const { waiting } = await queue.snapshot(TEST_POOL);
      if (waiting.interactive + waiting.batch === 0) return ids;
      ids.push((await this.claim()).task.id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backend.close();
    await this.#cleanUp();
  }
}

function archiveOf(task: Task, fields: Partial<TaskArchive> = {}): TaskArchive {
  const { id: taskId, jobId, poolId } = task;
  const admission = { taskId, jobId, poolId, state: 'queued', queuePosition: 0, backoffMs: 0, seed: 1 } as const;
  const base = { task, admission, state: 'completed', attempts: 1, endedAt: 5, pieceCount: 0 } as const;
  return { ...base, timings: { createdAt: task.createdAt }, ...fields };
}

verifies('ORCH-1260', 'what batch work has waited counts after a restart', async () => {
  await using bench = await Bench.open({ limits: () => ({ ...WIDE, interactiveBurst: 3 }) });
  const claimed: string[] = [];
  for (let count = 0; count < 8; count += 1) await bench.admit({ id: `i${count}` as TaskId });
  for (let count = 0; count < 2; count += 1) await bench.admit({ id: `b${count}` as TaskId, priority: 'batch' });
  for (let count = 0; count < 8; count += 1) {
    const lease = await bench.claim();
    claimed.push(lease.task.id);
    await bench.backend.queue.settle(lease, { outcome: 'completed' });
    await bench.reopen({ limits: () => ({ ...WIDE, interactiveBurst: 3 }) });
  }
  expect(claimed).toEqual(['i0', 'i1', 'i2', 'b0', 'i3', 'i4', 'i5', 'b1']);
});

verifies(['ORCH-1220', 'ORCH-1213'], 'queued tasks keep their pool, priority, order and job id', async () => {
  await using bench = await Bench.open();
  const tasks: Task[] = [];
  for (let count = 0; count < 10; count++) {
    tasks.push(await bench.admit({ priority: count % 3 === 0 ? 'batch' : 'interactive' }));
  }
  await bench.reopen();
  const { tasks: recovered } = await bench.backend.store.recover();
  expect(recovered.map(({ task }) => task)).toEqual(tasks);
  expect(recovered.every(({ attempts, delivered }) => attempts === 0 && delivered === undefined)).toBe(true);
  const late = await bench.admit();
  const order = await bench.drain();
  const interactive = tasks.filter(({ priority }) => priority === 'interactive').map(({ id }) => id);
  expect(order.filter((id) => interactive.includes(id))).toEqual(interactive);
  expect(order.indexOf(late.id)).toBeGreaterThan(order.indexOf(interactive.at(-1)!));
});

verifies(
  ['ORCH-1213', 'ORCH-1220', 'ORCH-1223'],
  'tasks that ran stand in front with attempts and progress, and get a higher epoch',
  async () => {
    await using bench = await Bench.open();
    const [first, second, third] = [await bench.admit(), await bench.admit(), await bench.admit()];
    const released = await bench.claim();
    const running = await bench.claim();
    await bench.backend.queue.release(released);
    bench.backend.store.keepProgress(running, { pieceCount: 3, sha256: 'a'.repeat(64) });
    bench.backend.store.keepProgress(running, { pieceCount: 7, sha256: 'b'.repeat(64) });
    await bench.backend.store.keepAttempts(running, [{ reason: 'WORKER_RESET' }, {}]);
    await bench.reopen();
    const { tasks } = await bench.backend.store.recover();
    expect(tasks.map(({ task }) => task.id)).toEqual([second.id, first.id, third.id]);
    expect(tasks.map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
    expect(tasks[0]).toMatchObject({
      delivered: { pieceCount: 7, sha256: 'b'.repeat(64) },
      runs: [{ reason: 'WORKER_RESET' }, {}],
    });
    const again = await bench.claim();
    expect([again.task.id, again.epoch]).toEqual([second.id, running.epoch + 1]);
    await bench.reopen();
    expect((await bench.backend.store.recover()).tasks[0]).toMatchObject({ attempts: 2 });
  },
);

verifies('ORCH-1223', 'writes under an old epoch change nothing and are counted', async () => {
  await using bench = await Bench.open();
  await bench.admit();
  const old = await bench.claim();
  await bench.backend.queue.release(old);
  const current = await bench.claim();
  bench.backend.store.keepProgress(old, { pieceCount: 9, sha256: 'c'.repeat(64) });
  expect(await bench.backend.queue.settle(old, { outcome: 'completed' })).toBe('superseded');
  expect(await bench.backend.queue.release(old)).toBe('superseded');
  await bench.backend.queue.release(current);
  await bench.backend.maintain();
  expect(bench.backend.health.staleWriteCount).toBe(3);
  await bench.reopen();
  const { tasks } = await bench.backend.store.recover();
  expect(tasks).toHaveLength(1);
  expect(tasks[0]).not.toHaveProperty('delivered');
});

verifies('ORCH-1225', 'a hundred duplicates are one task before and after a restart', async () => {
  await using bench = await Bench.open();
  const [task, ended] = [buildTask(), await bench.admit()];
  await bench.backend.queue.settle(await bench.claim(), { outcome: 'completed' });
  const outcomesOf = async (): Promise<string[]> => {
    const copies = Array.from({ length: 100 }, () => bench.backend.queue.admit({ ...task }));
    return (await Promise.all(copies)).map(({ outcome }) => outcome);
  };
  expect((await outcomesOf()).toSorted()).toEqual(['accepted', ...Array<string>(99).fill('repeated')]);
  const answer = { ...archiveOf(task).admission, queuePosition: 4, predictedStartMs: 12.5, backoffMs: 9 };
  await bench.backend.store.keepAdmission(answer);
  await bench.reopen();
  expect(await outcomesOf()).toEqual(Array<string>(100).fill('repeated'));
  const other = { ...task, fingerprint: 'other' };
  expect(await bench.backend.queue.admit(other)).toEqual({ outcome: 'conflict' });
  expect(await bench.backend.queue.admit(ended)).toEqual({ outcome: 'repeated' });
  const { tasks } = await bench.backend.store.recover();
  expect(tasks.map(({ admission }) => admission)).toEqual([answer]);
});

verifies('ORCH-1225', 'an admission whose answer was not kept has its position', async () => {
  await using bench = await Bench.open();
  await bench.admit();
  const { id, jobId } = await bench.admit();
  await bench.reopen();
  const { tasks } = await bench.backend.store.recover();
  expect(tasks[1]!.admission).toMatchObject({ taskId: id, jobId, queuePosition: 1, state: 'queued' });
});

verifies(['ORCH-1213', 'ORCH-1225'], 'an end is kept with all that belongs to it', async () => {
  await using bench = await Bench.open();
  const task = await bench.admit();
  const lease = await bench.claim();
  const error = new OrchError('WORKER_RESET', {
    message: 'gone',
    phase: 'running',
    details: { a: 1 },
    cause: 'secret',
  });
  const archive = archiveOf(task, {
    state: 'failed',
    error,
    attempts: 2,
    timings: { createdAt: 1, queueTimeMs: 2.5 },
    usage: { tokensIn: 1, tokensOut: 2 },
    products: { embeddings: [[0.25, -1]], toolCalls: [{ id: '1', name: 'f', arguments: '{"a":1}' }] },
    pieceCount: 2,
    pieces: ['héllo ', '\u2028 wörld'],
  });
  const end = { outcome: 'failed', error } as const;
  expect(await bench.backend.queue.settle(lease, end, archive)).toBe('done');
  await bench.reopen();
  const kept = await bench.backend.store.archive(task.id);
  const { error: keptError, ...rest } = kept!;
  const { error: _error, ...expected } = archive;
  expect(rest).toEqual(expected);
  expect(keptError).toMatchObject({ code: 'WORKER_RESET', message: 'gone', phase: 'running', details: { a: 1 } });
  expect(keptError!.cause).toBeUndefined();
  expect(await bench.backend.queue.settle(lease, end)).toBe('done');
  expect(await bench.backend.queue.settle(lease, { outcome: 'completed' })).toBe('superseded');
  expect((await bench.backend.store.recover()).tasks).toEqual([]);
});

verifies('ORCH-1213', 'short and long transcripts are kept as they were', async () => {
  await using bench = await Bench.open();
  const texts = ['é', 'é'.repeat(4_100)];
  const tasks: Task[] = [];
  for (const text of texts) {
    const task = await bench.admit();
    const lease = await bench.claim();
    await bench.backend.queue.settle(
      lease,
      { outcome: 'completed' },
      archiveOf(task, { pieceCount: 1, pieces: [text] }),
    );
    tasks.push(task);
  }
  await bench.reopen();
  const kept = await Promise.all(tasks.map(({ id }) => bench.backend.store.archive(id)));
  expect(kept.map((archive) => archive?.pieces)).toEqual(texts.map((text) => [text]));
});

verifies('ORCH-1213', 'where a cancel came first the archive has the state that stands', async () => {
  await using bench = await Bench.open();
  const task = await bench.admit();
  const lease = await bench.claim();
  expect(await bench.backend.queue.cancel(task.id, 'client')).toBe('signaled');
  const archive = archiveOf(task, { finishReason: 'stop', pieceCount: 1, pieces: ['x'] });
  expect(await bench.backend.queue.settle(lease, { outcome: 'completed' }, archive)).toBe('superseded');
  const kept = await bench.backend.store.archive(task.id);
  expect(kept).toMatchObject({ state: 'canceled', finishReason: 'canceled', pieces: ['x'] });
});

verifies(['ORCH-1213', 'ORCH-1251'], 'tasks that ended while they waited tell why', async () => {
  const limits = { ...WIDE, maxTasks: { interactive: 1, batch: 1 }, fullPolicy: 'drop-lru' } as const;
  await using bench = await Bench.open({ limits: () => limits });
  const evicted = await bench.admit();
  const late = await bench.admit();
  await bench.backend.queue.cancel(late.id, 'deadline');
  const canceled = await bench.admit();
  await bench.backend.queue.cancel(canceled.id, 'client');
  bench.backend.store.keepArchive(archiveOf(canceled, { state: 'canceled', endedAt: 77 }));
  const { store } = bench.backend;
  expect(await store.archive(evicted.id)).toMatchObject({ state: 'evicted', error: { code: 'QUEUE_FULL_DROP_LRU' } });
  expect(await store.archive(late.id)).toMatchObject({ state: 'failed', error: { code: 'DEADLINE_UNMET' } });
  expect(await store.archive(canceled.id)).toMatchObject({ state: 'canceled', endedAt: 77 });
  expect(await store.archive('nobody' as TaskId)).toBeUndefined();
});

verifies(['ORCH-1251', 'ORCH-1252'], 'the bound holds over a restart, and a smaller one deletes nothing', async () => {
  const limits = { ...WIDE, maxTasks: { interactive: 3, batch: 0 }, maxBytes: 300 };
  await using bench = await Bench.open({ limits: () => limits });
  for (let count = 0; count < 3; count++) await bench.admit();
  await bench.reopen({ limits: () => limits });
  expect(await bench.backend.queue.admit(buildTask())).toEqual({ outcome: 'full', limit: 'tasks' });
  await bench.claim();
  expect(await bench.backend.queue.admit(buildTask({ sizeBytes: 101 }))).toEqual({ outcome: 'full', limit: 'bytes' });
  await bench.admit();
  const small = { ...limits, maxTasks: { interactive: 1, batch: 0 } };
  await bench.reopen({ limits: () => small });
  expect(await bench.backend.queue.snapshot(TEST_POOL)).toMatchObject({
    waiting: { interactive: 4 },
    waitingBytes: 400,
  });
  expect(await bench.backend.queue.admit(buildTask())).toEqual({ outcome: 'full', limit: 'tasks' });
});

verifies('ORCH-1251', 'an eviction and its admission stand together after a restart', async () => {
  const limits = { ...WIDE, maxTasks: { interactive: 2, batch: 0 }, fullPolicy: 'drop-lru' } as const;
  await using bench = await Bench.open({ limits: () => limits });
  const tasks = Array.from({ length: 6 }, () => buildTask());
  await Promise.all(tasks.map((task) => bench.backend.queue.admit(task)));
  await bench.reopen({ limits: () => limits });
  const { tasks: recovered } = await bench.backend.store.recover();
  expect(recovered.map(({ task }) => task.id)).toEqual(tasks.slice(4).map(({ id }) => id));
  const { archives } = await bench.backend.store.listArchives({ state: 'evicted', limit: 10 });
  expect(archives.map(({ task }) => task.id)).toEqual([3, 2, 1, 0].map((index) => tasks[index]!.id));
});

verifies('ORCH-1213', 'times move onto the clock of the new process', async () => {
  const before = new FakeClock();
  await using bench = await Bench.open({ clock: before });
  await before.advance(5_000);
  const createdAt = before.wallNowMs();
  await bench.admit({ acceptedAtMs: before.nowMs(), createdAt, deadlineAtMs: before.nowMs() + 60_000 });
  const after = new FakeClock();
  after.shiftWall(createdAt + 10_000 - after.wallNowMs());
  await bench.reopen({ clock: after });
  const { tasks } = await bench.backend.store.recover();
  expect(tasks[0]!.task).toMatchObject({ acceptedAtMs: -10_000, deadlineAtMs: 50_000, createdAt });
});

verifies('ORCH-1213', 'sessions and statistics are there again, the newest state of each', async () => {
  const clock = new FakeClock();
  await using bench = await Bench.open({ clock });
  const session = (name: string) => ({ id: name as SessionId, turns: 2, ttlMsRemaining: 1_000, usedTokens: 7 });
  const { store } = bench.backend;
  for (const name of ['kept', 'over', 'ended', 'busy']) store.keepSession(name as SessionId, session(name));
  store.keepSession('kept' as SessionId, { ...session('kept'), turns: 3, ttlMsRemaining: 5_000 });
  store.keepStatistics(TEST_POOL, 'old');
  await bench.admit({ sessionId: 'busy' as SessionId });
  store.keepSession('ended' as SessionId, undefined);
  store.keepStatistics(TEST_POOL, 'new');
  await bench.backend.close();
  clock.shiftWall(2_000);
  await bench.reopen({ clock });
  const { sessions, statistics } = await bench.backend.store.recover();
  expect(sessions.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
    session('busy'),
    { ...session('kept'), turns: 3, ttlMsRemaining: 3_000 },
  ]);
  expect([...statistics]).toEqual([[TEST_POOL, 'new']]);
});

verifies('ORCH-1213', 'archives are listed newest first, page by page and filtered', async () => {
  await using bench = await Bench.open();
  const tasks: Task[] = [];
  for (let count = 0; count < 7; count++) {
    tasks.push(await bench.admit({ priority: count === 2 ? 'batch' : 'interactive' }));
    await bench.backend.queue.settle(await bench.claim(), { outcome: 'completed' });
  }
  const { store } = bench.backend;
  const first = await store.listArchives({ limit: 4 });
  const second = await store.listArchives({ limit: 4, cursor: first.nextCursor! });
  const listed = [...first.archives, ...second.archives].map(({ task }) => task.id);
  expect(listed).toEqual(tasks.map(({ id }) => id).reverse());
  expect(second.nextCursor).toBeUndefined();
  const batch = await store.listArchives({ limit: 4, priority: 'batch', poolId: TEST_POOL, state: 'completed' });
  expect(batch.archives.map(({ task }) => task.id)).toEqual([tasks[2]!.id]);
  await expect(store.listArchives({ limit: 4, cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
});
