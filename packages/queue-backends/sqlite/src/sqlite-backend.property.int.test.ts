// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import {
  PRIORITIES,
  createMemoryTaskQueue,
  type EndedTask,
  type FullPolicy,
  type Lease,
  type PoolId,
  type QueueLimits,
  type SessionId,
  type Steering,
  type Task,
  type TaskEnd,
  type TaskId,
  type TaskQueue,
} from '@llama-orch/orchestrator-core';
import { FakeClock, SeededRandom, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';

const POOLS = ['a', 'b'] as PoolId[];
const POLICIES = ['reject', 'drop-lru', 'shed-low-priority'] as const satisfies readonly FullPolicy[];
const MOVE_COUNT = 400;
const ID_COUNT = 120;
const RETAINED = 1_000;
const CREATED_AT = new FakeClock().wallNowMs();

/** What the answers of a queue tell about its tasks. */
interface Known {
  task: Task;
  order: number;
  epoch: number;
  leased: boolean;
}

const nothing = (): void => undefined;
const DEAF = { admitted: nothing, claimed: nothing, released: nothing, steered: nothing, ended: nothing };

/** The queue in memory, with the little that a restart adds: who stands where is worked out from the answers alone. */
class Model {
  readonly live = new Map<TaskId, Known>();
  readonly #ended: EndedTask[] = [];
  readonly #limits: QueueLimits;
  readonly paused = new Set<PoolId>();
  readonly #bursts = new Map<PoolId, number>();
  #order = 0;
  queue: TaskQueue;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.queue = this.#open();
  }

  admitted(task: Task, evicted: readonly TaskId[]): void {
    for (const id of evicted) this.ended(id, 'evicted');
    this.live.set(task.id, { task, order: (this.#order += 1), epoch: 0, leased: false });
  }

  ended(id: TaskId, outcome: TaskEnd['outcome'], settledEpoch?: number): void {
    const known = this.live.get(id)!;
    this.#ended.push({ id, fingerprint: known.task.fingerprint, outcome, settledEpoch });
    this.live.delete(id);
  }

  moved(id: TaskId, priority: Task['priority']): void {
    const known = this.live.get(id);
    if (known === undefined || known.task.priority === priority) return;
    known.task = { ...known.task, priority };
    known.order = this.#order += 1;
  }

  reopen(): void {
    this.queue = this.#open();
  }

  #open(): TaskQueue {
    const waiting = [...this.live.values()].sort((a, b) => Number(b.leased) - Number(a.leased) || a.order - b.order);
    const retention = { endedTasks: RETAINED };
    return createMemoryTaskQueue({
      limits: () => this.#limits,
      retention,
      journal: { ...DEAF, burst: (poolId, count) => void this.#bursts.set(poolId, count) },
      contents: { waiting, ended: this.#ended, paused: [...this.paused], bursts: this.#bursts },
    });
  }
}

for (const [index, fullPolicy] of POLICIES.entries()) {
  for (const seed of [1, 2]) {
    const title = `random moves with restarts end as in memory under ${fullPolicy} (seed ${seed})`;
    verifies(['ORCH-1201', 'ORCH-1220', 'ORCH-1223', 'ORCH-1252', 'ORCH-1260', 'ORCH-1301'], title, () =>
      play(fullPolicy, seed * 10 + index),
    );
  }
}

async function play(fullPolicy: FullPolicy, seed: number): Promise<void> {
  const maxTasks = { interactive: 12, batch: 8 };
  const limits: QueueLimits = { maxTasks, maxBytes: 1_500, fullPolicy, interactiveBurst: 3 };
  await using directory = await temporaryDirectory();
  const open = () => openStore(directory.path, { limits: () => limits });
  const random = new SeededRandom(seed);
  const model = new Model(limits);
  let backend = await open();
  let leases: (readonly [Lease, Lease])[] = [];
  for (let move = 0; move < MOVE_COUNT; move++) {
    if (random.below(40) === 0) {
      await backend.close();
      backend = await open();
      model.reopen();
      leases = [];
      const order = (await backend.store.recover()).tasks.map(({ task }) => task.id);
      expect(order.toSorted()).toEqual([...model.live.keys()].toSorted());
    } else {
      leases.push(...(await playMove(random, { durable: backend.queue, model, leases })));
    }
    expect(await look(backend.queue)).toEqual(await look(model.queue));
  }
  await backend.close();
}

interface Table {
  readonly durable: TaskQueue;
  readonly model: Model;
  readonly leases: readonly (readonly [Lease, Lease])[];
}

/** Plays one move on both queues; answers the lease it brought. */
async function playMove(random: SeededRandom, { durable, model, leases }: Table): Promise<[Lease, Lease][]> {
  const dice = random.below(20);
  if (dice < 10) {
    const task = taskOf(random.below(ID_COUNT), random);
    const [actual, expected] = [await durable.admit(task), await model.queue.admit(task)];
    expect(actual).toEqual(expected);
    if (expected.outcome === 'accepted') model.admitted(task, expected.evicted);
    return [];
  }
  if (dice < 14) return claimBoth(POOLS[random.below(2)]!, { durable, model });
  const [mine, theirs] = leases[random.below(Math.max(1, leases.length))] ?? [];
  if (dice < 18 && mine !== undefined && theirs !== undefined) {
    const release = random.below(3) === 0;
    const end = { outcome: 'completed' } as const;
    const actual = release ? await durable.release(mine) : await durable.settle(mine, end);
    const expected = release ? await model.queue.release(theirs) : await model.queue.settle(theirs, end);
    expect(actual).toBe(expected);
    const known = model.live.get(theirs.task.id);
    if (expected !== 'done' || known?.epoch !== theirs.epoch) return [];
    if (release) known.leased = false;
    else model.ended(theirs.task.id, 'completed', theirs.epoch);
    return [];
  }
  if (random.below(2) === 0) return steerBoth(random, { durable, model });
  const id = taskId(random.below(ID_COUNT));
  const reason = random.below(2) === 0 ? 'client' : 'deadline';
  const [actual, expected] = [await durable.cancel(id, reason), await model.queue.cancel(id, reason)];
  expect(actual).toBe(expected);
  if (expected === 'removed') model.ended(id, reason === 'client' ? 'canceled' : 'failed');
  if (expected === 'signaled') model.ended(id, 'canceled');
  return [];
}

async function steerBoth(random: SeededRandom, { durable, model }: Pick<Table, 'durable' | 'model'>): Promise<[]> {
  const steering = randomSteering(random);
  const [actual, expected] = [await durable.steer(steering), await model.queue.steer(steering)];
  expect(actual).toBe(expected);
  if (steering.kind === 'pause') model.paused.add(steering.poolId);
  if (steering.kind === 'resume') model.paused.delete(steering.poolId);
  if (steering.kind === 'priority' && expected === 'done') model.moved(steering.id, steering.priority);
  return [];
}

function randomSteering(random: SeededRandom): Steering {
  const id = taskId(random.below(ID_COUNT));
  if (random.below(3) > 0) return { kind: 'priority', id, priority: PRIORITIES[random.below(2)]! };
  return { kind: random.below(3) === 0 ? 'pause' : 'resume', poolId: POOLS[random.below(2)]! };
}

async function claimBoth(
  poolId: PoolId,
  { durable, model }: Pick<Table, 'durable' | 'model'>,
): Promise<[Lease, Lease][]> {
  const [mine, theirs] = await Promise.all([claimNow(durable, poolId), claimNow(model.queue, poolId)]);
  expect([mine?.task.id, mine?.epoch]).toEqual([theirs?.task.id, theirs?.epoch]);
  if (mine === undefined || theirs === undefined) return [];
  const known = model.live.get(theirs.task.id)!;
  expect(theirs.epoch).toBe(known.epoch + 1);
  known.epoch = theirs.epoch;
  known.leased = true;
  return [[mine, theirs]];
}

/** A claim that does not wait. */
async function claimNow(queue: TaskQueue, poolId: PoolId): Promise<Lease | undefined> {
  const controller = new AbortController();
  const claim = queue.claim(poolId, controller.signal);
  await turn();
  controller.abort();
  return claim;
}

async function look(queue: TaskQueue): Promise<unknown> {
  const ids = Array.from({ length: ID_COUNT }, (_, id) => taskId(id));
  const places = await Promise.all(ids.map((id) => queue.place(id)));
  return { places, snapshots: await Promise.all(POOLS.map((poolId) => queue.snapshot(poolId))) };
}

function taskOf(id: number, random: SeededRandom): Task {
  return buildTask({
    id: taskId(id),
    poolId: POOLS[id % 2]!,
    priority: PRIORITIES[(id >> 1) % 2]!,
    fingerprint: `edition-${random.below(2)}`,
    sizeBytes: 20 + random.below(150),
    createdAt: CREATED_AT,
    // Sessions reach over pools and priorities.
    ...(id % 3 === 0 ? { sessionId: `session-${id % 2}` as SessionId } : {}),
  });
}

function taskId(id: number): TaskId {
  return `task-${id}` as TaskId;
}
