// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import type { KeyId } from '../../task/ids.ts';
import { at, idsOf, queueTest, type QueueTest } from './queue-test.ts';

const ALICE = 'alice' as KeyId;
const BOB = 'bob' as KeyId;
const COMPLETED = { outcome: 'completed' } as const;

/** Keys that wait in one pool and priority. */
export const SHARE_TESTS: readonly QueueTest[] = [
  queueTest(
    'ORCH-1262',
    'a key with many tasks does not hold up another, and each keeps its own order',
    async (open) => {
      await using bench = await open({ fairQuantumTokens: 10 });
      const flood = await bench.admitMany(6, { keyId: ALICE, costTokens: 10 });
      const others = await bench.admitMany(2, { keyId: BOB, costTokens: 10 });
      const order = await bench.drain();
      const [a1, a2, a3, ...rest] = idsOf(flood);
      assert.deepEqual(order, [a1, at(others, 0).id, a2, at(others, 1).id, a3, ...rest]);
    },
  ),

  queueTest(['ORCH-1262', 'ORCH-3019'], 'positions tell the turns of the other keys', async (open) => {
    await using bench = await open({ fairQuantumTokens: 10 });
    await bench.admitMany(6, { keyId: ALICE, costTokens: 10 });
    const last = await bench.admit({ keyId: BOB, costTokens: 20 });
    assert.equal(await bench.position(last.id), 2);
  }),

  queueTest('ORCH-1262', 'with one key the order is that of admission, whatever the tasks cost', async (open) => {
    await using bench = await open({ fairQuantumTokens: 10 });
    const tasks = [
      await bench.admit({ keyId: ALICE, costTokens: 1_000 }),
      await bench.admit({ keyId: ALICE, costTokens: 1 }),
      await bench.admit({ keyId: ALICE, costTokens: 50 }),
    ];
    assert.deepEqual(await bench.drain(), idsOf(tasks));
  }),

  queueTest('ORCH-1262', 'what a job really used is what its key is charged', async (open) => {
    await using bench = await open({ fairQuantumTokens: 10 });
    const alices = await bench.admitMany(3, { keyId: ALICE, costTokens: 10 });
    const bobs = await bench.admitMany(6, { keyId: BOB, costTokens: 10 });
    const lease = await bench.take();
    assert.equal(lease.task.id, at(alices, 0).id);
    await bench.queue.settle(lease, { ...COMPLETED, usedTokens: 40 });
    const [b1, b2, b3, b4] = idsOf(bobs);
    assert.deepEqual((await bench.drain()).slice(0, 5), [b1, b2, b3, b4, at(alices, 1).id]);
  }),
];
