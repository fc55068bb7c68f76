// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import type { KeyId, PoolId, SessionId, TaskId } from '../task/ids.ts';
import { PRIORITIES, type TaskEnd } from '../task/task.ts';
import { SeededRandom, buildTask } from '../testkit/index.ts';
import { ArrayTaskQueue } from './__fixtures__/array-task-queue.ts';
import { createMemoryTaskQueue } from './memory-task-queue.ts';
import type { FullPolicy, Lease, QueueLimits, TaskQueue } from './task-queue.ts';

const POOLS = ['a', 'b'] as PoolId[];
const OUTCOMES = ['completed', 'canceled', 'evicted'] as const satisfies TaskEnd['outcome'][];
const POLICIES = ['reject', 'drop-lru', 'shed-low-priority'] as const satisfies FullPolicy[];

/** One move; numbers that choose among what is there are taken modulo its count. */
type Move =
  | { readonly kind: 'admit'; readonly id: number; readonly sizeBytes: number; readonly edition: number }
  | { readonly kind: 'claim'; readonly pool: number }
  | { readonly kind: 'abort'; readonly claim: number }
  | { readonly kind: 'settle'; readonly lease: number; readonly outcome: number; readonly usedTokens: number }
  | { readonly kind: 'release'; readonly lease: number }
  | { readonly kind: 'cancel'; readonly id: number; readonly deadline: boolean }
  | { readonly kind: 'steer'; readonly id: number; readonly priority: number }
  | { readonly kind: 'pause' | 'resume'; readonly pool: number }
  | { readonly kind: 'close' };

/** A queue under play, with everything it has answered. */
class Player {
  readonly answers: unknown[] = [];
  /** What each claim got; that several end in one move has no order. */
  readonly claimed: Record<number, unknown> = {};
  readonly leases: Lease[] = [];
  readonly #claims: AbortController[] = [];
  readonly #queue: TaskQueue;

  constructor(queue: TaskQueue) {
    this.#queue = queue;
  }

  async play(move: Move): Promise<void> {
    this.answers.push(await this.#play(move));
    // Claims that the move ended have been answered by then.
    await turn();
  }

  /** Everything that can be seen of the queue now. */
  async look(ids: readonly number[]): Promise<unknown> {
    const places = await Promise.all(ids.map((id) => this.#queue.place(taskId(id))));
    const previews = await Promise.all(NEWCOMERS.map((task) => this.#queue.preview(task)));
    const snapshots = await Promise.all(POOLS.map((pool) => this.#queue.snapshot(pool)));
    const lost = this.leases.map((lease) => lease.loss ?? 'held');
    return { places, previews, snapshots, lost };
  }

  async #play(move: Move): Promise<unknown> {
    const lease = 'lease' in move ? this.leases[move.lease % this.leases.length] : undefined;
    switch (move.kind) {
      case 'admit':
        return this.#queue.admit(taskOf(move));
      case 'claim':
        this.#claim(POOLS[move.pool]!);
        return;
      case 'abort':
        this.#claims[move.claim % this.#claims.length]?.abort();
        return;
      case 'settle':
        return lease && this.#queue.settle(lease, { outcome: OUTCOMES[move.outcome]!, usedTokens: move.usedTokens });
      case 'release':
        return lease && this.#queue.release(lease);
      case 'cancel':
        return this.#queue.cancel(taskId(move.id), move.deadline ? 'deadline' : 'client');
      case 'steer':
        return this.#queue.steer({ kind: 'priority', id: taskId(move.id), priority: PRIORITIES[move.priority]! });
      case 'pause':
      case 'resume':
        return this.#queue.steer({ kind: move.kind, poolId: POOLS[move.pool]! });
      case 'close':
        return this.#queue.close();
    }
  }

  #claim(poolId: PoolId): void {
    const controller = new AbortController();
    const number = this.#claims.push(controller);
    void this.#queue.claim(poolId, controller.signal).then((lease) => {
      this.claimed[number] = lease === undefined ? 'nothing' : { id: lease.task.id, epoch: lease.epoch };
      if (lease !== undefined) this.leases.push(lease);
    });
  }
}

verifies(['ORCH-3052', 'ORCH-1262', 'ORCH-1301'], 'short games end the same in memory and in arrays', async () => {
  await fc.assert(
    fc.asyncProperty(anyLimits(), fc.array(anyMove(12), { maxLength: 60 }), async (limits, moves) => {
      await playBoth(limits, moves, 12);
    }),
    { ...propertyRun, numRuns: 400 },
  );
});

for (const fullPolicy of POLICIES) {
  verifies(
    ['ORCH-3052', 'ORCH-1301'],
    `a long game under ${fullPolicy} ends the same in memory and in arrays`,
    async () => {
      const random = new SeededRandom(11);
      const limits = {
        maxTasks: { interactive: 50, batch: 40 },
        maxBytes: 5_000,
        fullPolicy,
        interactiveBurst: 3,
        fairQuantumTokens: 70,
      };
      const moves = Array.from({ length: 1_200 }, () => randomMove(random, 900));
      await playBoth(limits, moves, 900);
    },
  );
}

async function playBoth(limits: QueueLimits, moves: readonly Move[], idCount: number): Promise<void> {
  const memory = new Player(createMemoryTaskQueue({ limits: () => limits, retention: { endedTasks: idCount } }));
  const arrays = new Player(new ArrayTaskQueue(() => limits));
  for (const [step, move] of moves.entries()) {
    await memory.play(move);
    await arrays.play(move);
    const asked = [step % idCount, 'id' in move ? move.id : 0];
    expect(await memory.look(asked)).toEqual(await arrays.look(asked));
  }
  expect(memory.answers).toEqual(arrays.answers);
  expect(memory.claimed).toEqual(arrays.claimed);
  const all = Array.from({ length: idCount }, (_, id) => id);
  expect(await memory.look(all)).toEqual(await arrays.look(all));
}

function anyLimits(): fc.Arbitrary<QueueLimits> {
  return fc.record({
    maxTasks: fc.record({ interactive: fc.nat(5), batch: fc.nat(5) }),
    maxBytes: fc.nat(600),
    fullPolicy: fc.constantFrom(...POLICIES),
    interactiveBurst: fc.integer({ min: 1, max: 4 }),
    fairQuantumTokens: fc.integer({ min: 1, max: 150 }),
  });
}

function anyMove(idCount: number): fc.Arbitrary<Move> {
  const id = fc.nat(idCount - 1);
  return fc.oneof(
    {
      weight: 40,
      arbitrary: fc.record({ kind: fc.constant('admit' as const), id, sizeBytes: fc.nat(150), edition: fc.nat(1) }),
    },
    { weight: 25, arbitrary: fc.record({ kind: fc.constant('claim' as const), pool: fc.nat(1) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('abort' as const), claim: fc.nat() }) },
    {
      weight: 15,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        lease: fc.nat(),
        outcome: fc.nat(2),
        usedTokens: fc.nat(300),
      }),
    },
    { weight: 15, arbitrary: fc.record({ kind: fc.constant('release' as const), lease: fc.nat() }) },
    { weight: 15, arbitrary: fc.record({ kind: fc.constant('cancel' as const), id, deadline: fc.boolean() }) },
    { weight: 15, arbitrary: fc.record({ kind: fc.constant('steer' as const), id, priority: fc.nat(1) }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const), pool: fc.nat(1) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'close' as const }) },
  );
}

function randomMove(random: SeededRandom, idCount: number): Move {
  const id = random.below(idCount);
  const lease = random.nextUint32();
  const dice = random.below(20);
  if (dice < 10) return { kind: 'admit', id, sizeBytes: random.below(150), edition: 0 };
  if (dice < 14) return { kind: 'claim', pool: random.below(2) };
  if (dice < 15) return { kind: 'abort', claim: lease };
  if (dice < 17) return { kind: 'settle', lease, outcome: random.below(3), usedTokens: random.below(300) };
  if (dice < 18) return { kind: 'release', lease };
  if (dice < 19) return randomSteer(random, id);
  return { kind: 'cancel', id, deadline: random.below(2) === 0 };
}

function randomSteer(random: SeededRandom, id: number): Move {
  if (random.below(3) > 0) return { kind: 'steer', id, priority: random.below(2) };
  return { kind: random.below(3) === 0 ? 'pause' : 'resume', pool: random.below(2) };
}

function taskOf({ id, sizeBytes, edition }: Extract<Move, { kind: 'admit' }>): ReturnType<typeof buildTask> {
  return buildTask({
    id: taskId(id),
    poolId: POOLS[id % 2]!,
    priority: PRIORITIES[(id >> 1) % 2]!,
    fingerprint: `edition-${edition}`,
    sizeBytes,
    // Sessions reach over pools and priorities.
    ...(id % 4 === 0 ? {} : { keyId: `key-${id % 4}` as KeyId }),
    costTokens: 1 + ((id * 37) % 200),
    ...(id % 3 === 0 ? { sessionId: `session-${id % 5}` as SessionId } : {}),
  });
}

/** Of each pool and priority, of a session and key that others have and of none, small and large. */
const NEWCOMERS = [900, 901, 902, 903, 905, 906].map((id) =>
  taskOf({ kind: 'admit', id, sizeBytes: (id % 4) * 30, edition: 0 }),
);

function taskId(id: number): TaskId {
  return `task-${id}` as TaskId;
}
