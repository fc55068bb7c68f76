// SPDX-License-Identifier: MIT
// A process that works on a durable queue until it is killed, and writes a line for every outcome it was given.
import { writeSync } from 'node:fs';
import type { PoolId, TaskId } from '@llama-orch/orchestrator-core';
import { FakeClock, SeededRandom, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openSqliteBackend } from '../index.ts';
import { SETTINGS } from './test-store.ts';

const [directory = '', round = '0'] = process.argv.slice(2);
const POOL = 'pool' as PoolId;
const backend = await openSqliteBackend({ ...SETTINGS, directory, clock: new FakeClock() });
const { queue, store } = backend;
const random = new SeededRandom(Number(round));
const { signal } = new AbortController();

/** One system call per line: what was written before the kill has been written. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}

async function admitForever(worker: number): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `${round}-${worker}-${count}` as TaskId;
    await queue.admit(buildTask({ id, poolId: POOL }));
    print(`admitted ${id}`);
  }
}

async function runForever(): Promise<void> {
  for (;;) {
    const lease = await queue.claim(POOL, signal);
    if (lease === undefined) return;
    const { id } = lease.task;
    await store.keepAttempts(lease, []);
    print(`claimed ${id} ${lease.epoch}`);
    store.keepProgress(lease, { pieceCount: 1, sha256: 'f'.repeat(64) });
    const dice = random.below(4);
    if (dice === 0) continue;
    if (dice === 1) {
      await queue.release(lease);
      print(`released ${id} ${lease.epoch}`);
    } else {
      await queue.settle(lease, { outcome: 'completed' });
      print(`settled ${id}`);
    }
  }
}

process.send?.('ready');
void runForever();
for (let worker = 0; worker < 8; worker++) void admitForever(worker);
