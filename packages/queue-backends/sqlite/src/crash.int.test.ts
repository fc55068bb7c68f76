// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { PoolId, TaskId } from '@llama-orch/orchestrator-core';
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';

const ROUND_COUNT = 20;
const MAX_LIFE_MS = 120;
const POOL = 'pool' as PoolId;
const CHILD = new URL('./__fixtures__/acking-child.ts', import.meta.url).pathname;

/** What was acknowledged over all rounds. */
class Ledger {
  /** Admitted and not settled, in the order of their admission as far as one worker tells. */
  readonly live = new Set<string>();
  readonly settled = new Set<string>();
  readonly epochs = new Map<string, number>();
  lineCount = 0;

  note(line: string): void {
    this.lineCount += 1;
    const [kind, id = '', epoch = '0'] = line.split(' ');
    if (kind === 'admitted' && !this.settled.has(id)) this.live.add(id);
    if (kind === 'settled') {
      this.live.delete(id);
      this.settled.add(id);
    }
    if (kind === 'claimed') {
      expect(Number(epoch), `the epoch of ${id} grows`).toBeGreaterThan(this.epochs.get(id) ?? 0);
      this.epochs.set(id, Number(epoch));
    }
  }
}

/** Lets the child work for a random time, then kills it; whatever it had written before counts. */
async function runAndKill(directory: string, round: number, killAfterMs: number): Promise<readonly string[]> {
  const report = join(directory, `round-${round}.txt`);
  const file = await open(report, 'w');
  const child = spawn(process.execPath, ['--conditions=@llama-orch/source', CHILD, directory, String(round)], {
    stdio: ['ignore', file.fd, 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'message'), exited]);
  // The time is the fault, not something waited for.
  await delay(killAfterMs);
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
  await file.close();
  return (await readFile(report, 'utf8')).split('\n').slice(0, -1);
}

verifies(
  ['ORCH-1202', 'ORCH-1206', 'ORCH-1213', 'ORCH-1220', 'ORCH-1223'],
  `${ROUND_COUNT} kills at random moments lose nothing that was acknowledged`,
  async () => {
    await using directory = await temporaryDirectory();
    const random = new SeededRandom(5);
    const ledger = new Ledger();
    for (let round = 0; round < ROUND_COUNT; round++) {
      const lines = await runAndKill(directory.path, round, random.below(MAX_LIFE_MS));
      for (const line of lines) ledger.note(line);
      const backend = await openStore(directory.path);
      const { tasks, lostRecordCount } = await backend.store.recover();
      const found = tasks.map(({ task }) => task.id as string);
      expect(lostRecordCount).toBe(0);
      // What is not live any more has ended: its settle was committed and the kill came before the answer.
      for (const id of [...ledger.live].filter((id) => !found.includes(id))) {
        expect(await backend.store.archive(id as TaskId), id).toMatchObject({ state: 'completed' });
        expect(ledger.epochs.has(id)).toBe(true);
        ledger.note(`settled ${id}`);
      }
      expect(found.filter((id) => ledger.settled.has(id))).toEqual([]);
      for (const id of [...ledger.settled].slice(-3)) {
        expect(await backend.store.archive(id as TaskId)).toMatchObject({ state: 'completed' });
      }
      expectOrder(tasks.filter(({ attempts }) => attempts === 0).map(({ task }) => task.id));
      const { waiting, leased } = await backend.queue.snapshot(POOL);
      expect([waiting.interactive, leased]).toEqual([found.length, 0]);
      await backend.close();
    }
    // How much a life gets done depends on the machine; on a slow one it is little.
    expect(ledger.lineCount).toBeGreaterThan(ROUND_COUNT);
  },
);

/** What one worker admitted one after the other stands in that order. */
function expectOrder(ids: readonly string[]): void {
  const latest = new Map<string, number>();
  for (const id of ids) {
    const [round = '', worker = '', count = ''] = id.split('-');
    const line = `${round}-${worker}`;
    expect(Number(count), `${id} stands behind those before it`).toBeGreaterThan(latest.get(line) ?? -1);
    latest.set(line, Number(count));
  }
}
