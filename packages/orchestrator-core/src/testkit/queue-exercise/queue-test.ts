// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { CancelOutcome, Lease, QueueHold, QueueLimits, TaskQueue } from '../../queue/task-queue.ts';
import type { PoolId, TaskId } from '../../task/ids.ts';
import type { Task } from '../../task/task.ts';
import { TEST_POOL, buildTask } from '../task-builders.ts';

/** What not every backend can do. */
export type QueueCapability =
  /** Leases end by themselves when their holder does not renew them. */
  'lease-expiry';

/** A queue made for one test, and removed after it. */
export interface QueueUnderTest extends AsyncDisposable {
  /** Ways into the same queue: one, or several where a backend serves several processes. */
  readonly handles: readonly [TaskQueue, ...TaskQueue[]];
  /** Makes the lease expire now. Needed for `lease-expiry`. */
  readonly expireLease?: (lease: Lease) => Promise<void>;
}

/** Makes a queue that is empty, has these limits and retains at least 1,000 ended tasks. */
export type AcquireQueue = (limits: (poolId: PoolId) => QueueLimits) => Promise<QueueUnderTest>;

/** Opens a bench on a fresh queue; limits that a test does not name are wide. */
export type OpenBench = (limits?: Partial<QueueLimits>) => Promise<QueueBench>;

/** One fact about every queue. */
export interface QueueTest {
  readonly ids: string | readonly string[];
  readonly title: string;
  readonly body: (open: OpenBench) => Promise<void>;
  readonly needs?: QueueCapability;
}

const WIDE: QueueLimits = {
  maxTasks: { interactive: 1_000, batch: 1_000 },
  maxBytes: 1_000_000,
  fullPolicy: 'reject',
  interactiveBurst: 4,
};

/** States a fact. */
export function queueTest(ids: QueueTest['ids'], title: string, body: QueueTest['body']): QueueTest {
  return { ids, title, body };
}

/** States a fact about queues that have a capability. */
export function needing(needs: QueueCapability, test: QueueTest): QueueTest {
  return { ...test, needs };
}

/** The queue of one test, and the few moves that tests are made of. */
export class QueueBench implements AsyncDisposable {
  readonly #target: QueueUnderTest;
  readonly #quiet = new AbortController();
  #turn = 0;

  constructor(target: QueueUnderTest) {
    this.#target = target;
  }

  /** Opens a bench with these limits in every pool. */
  static async open(acquire: AcquireQueue, limits: Partial<QueueLimits> = {}): Promise<QueueBench> {
    return new QueueBench(await acquire(() => ({ ...WIDE, ...limits })));
  }

  /** The first way into the queue. */
  get queue(): TaskQueue {
    return this.#target.handles[0];
  }

  /** A way into the queue, another one at each call where there are several. */
  get anyHandle(): TaskQueue {
    const { handles } = this.#target;
    this.#turn += 1;
    return handles[this.#turn % handles.length] ?? handles[0];
  }

  /** Never aborts before the bench is closed. */
  get quiet(): AbortSignal {
    return this.#quiet.signal;
  }

  /** Admits a task that must be accepted. */
  async admit(fields: Partial<Task> = {}): Promise<Task> {
    const task = buildTask(fields);
    const { outcome } = await this.queue.admit(task);
    assert.equal(outcome, 'accepted', 'the task is admitted');
    return task;
  }

  /** Admits as many, one after the other. */
  async admitMany(count: number, fields: Partial<Task> = {}): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let i = 0; i < count; i++) tasks.push(await this.admit(fields));
    return tasks;
  }

  /** Claims a task that must be there or come. */
  async take(poolId: PoolId = TEST_POOL): Promise<Lease> {
    const lease = await this.queue.claim(poolId, this.quiet);
    assert.ok(lease, 'the claim gets a task');
    return lease;
  }

  /** Claims all that wait; their ids in the order of the claims. */
  async drain(poolId: PoolId = TEST_POOL): Promise<TaskId[]> {
    const ids: TaskId[] = [];
    while ((await this.waitingCount(poolId)) > 0) {
      const lease = await this.take(poolId);
      ids.push(lease.task.id);
      assert.equal(await this.queue.settle(lease, { outcome: 'completed' }), 'done');
    }
    return ids;
  }

  /** How many start before it; undefined when it does not wait. */
  async position(id: TaskId): Promise<number | undefined> {
    return (await this.queue.place(id))?.position;
  }

  /** Why it is passed over; undefined when it is not. */
  async holdOf(id: TaskId): Promise<QueueHold | undefined> {
    return (await this.queue.place(id))?.hold;
  }

  /** How many wait, in both priorities. */
  async waitingCount(poolId: PoolId = TEST_POOL): Promise<number> {
    const { waiting } = await this.queue.snapshot(poolId);
    return waiting.interactive + waiting.batch;
  }

  /** Cancels as a client does, and checks what became of it. */
  async cancel(task: Task, expected: CancelOutcome): Promise<void> {
    assert.equal(await this.queue.cancel(task.id, 'client'), expected);
  }

  /** Makes a lease expire. */
  async expire(lease: Lease): Promise<void> {
    assert.ok(this.#target.expireLease, 'a backend with lease-expiry offers expireLease');
    await this.#target.expireLease(lease);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#quiet.abort();
    await this.#target[Symbol.asyncDispose]();
  }
}

/** The ids of tasks. */
export function idsOf(tasks: readonly Task[]): TaskId[] {
  return tasks.map(({ id }) => id);
}

/** The task at `index`, which is there. */
export function at(tasks: readonly Task[], index: number): Task {
  const task = tasks[index];
  assert.ok(task, `there is a task ${index}`);
  return task;
}

/** Why a lease was lost; waits until it is. */
export async function lossOf(lease: Lease): Promise<unknown> {
  if (lease.loss === undefined) await new Promise<void>((resolve) => (lease.onLost = resolve));
  return lease.loss;
}
