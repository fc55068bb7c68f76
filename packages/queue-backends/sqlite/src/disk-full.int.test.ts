// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { FakeClock, TEST_POOL, buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openStore, temporaryDirectory } from './__fixtures__/test-store.ts';
import type { SqliteBackend, StoreHealth } from './index.ts';

const quiet = new AbortController().signal;
const BALLAST_BYTES = 1 << 20;

/** Mounts a disk of 8 MiB; undefined where this user may not. */
async function smallDisk(): Promise<({ readonly path: string } & AsyncDisposable) | undefined> {
  const directory = await temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'tmpfs', directory.path], { stdio: 'ignore' });
  } catch {
    // Only the superuser of a machine that has tmpfs can; the test says so by being skipped.
    await directory[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      // Lazily, so that a test that failed with files open leaves no disk behind either.
      execFileSync('umount', ['--lazy', directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Takes all the space that is left. */
function fill(file: string): void {
  const fd = openSync(file, 'a');
  try {
    for (let size = 1 << 16; size >= 1; size = size >> 1) {
      const chunk = Buffer.alloc(size, 1);
      while (canWrite(fd, chunk));
    }
  } finally {
    closeSync(fd);
  }
}

function canWrite(fd: number, chunk: Buffer): boolean {
  try {
    return writeSync(fd, chunk) > 0;
  } catch {
    // Full is what was wanted.
    return false;
  }
}

/** Waits for a state without polling. */
class HealthWatch {
  #health: StoreHealth | undefined;
  #wake = Promise.withResolvers<undefined>();

  readonly onHealth = (health: StoreHealth): void => {
    this.#health = health;
    this.#wake.resolve(undefined);
    this.#wake = Promise.withResolvers();
  };

  async until(isIt: (health: StoreHealth) => boolean): Promise<void> {
    while (this.#health === undefined || !isIt(this.#health)) await this.#wake.promise;
  }
}

/** Admits until the store refuses; what was accepted before. */
async function admitUntilRefused({ queue }: SqliteBackend): Promise<{ ids: string[]; refusal: unknown }> {
  const ids: string[] = [];
  for (;;) {
    const task = buildTask({ input: { workload: 'completion', prompt: 'x'.repeat(50_000) } });
    try {
      await queue.admit(task);
      ids.push(task.id);
    } catch (refusal) {
      return { ids, refusal };
    }
  }
}

const disk = await smallDisk();
await disk?.[Symbol.asyncDispose]();
const register = disk === undefined ? (_: unknown, title: string) => test.skip(`${title} (needs mount)`) : verifies;

register('ORCH-1212', 'a full disk refuses new tasks, finishes running ones and recovers by itself', async () => {
  await using small = (await smallDisk())!;
  const directory = join(small.path, 'data');
  const [clock, watch, filler] = [new FakeClock(), new HealthWatch(), join(small.path, 'filler')];
  const options = { clock, ballastBytes: BALLAST_BYTES, onHealth: watch.onHealth };
  const backend = await openStore(directory, options);
  await backend.queue.admit(buildTask());
  await backend.queue.admit(buildTask());
  const [first, second] = [
    (await backend.queue.claim(TEST_POOL, quiet))!,
    (await backend.queue.claim(TEST_POOL, quiet))!,
  ];
  fill(filler);
  const { ids, refusal } = await admitUntilRefused(backend);
  expect(refusal).toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true, retryAfterMs: 1_000 });
  expect(backend.health.state).toBe('full');
  expect(await backend.queue.settle(first, { outcome: 'completed' })).toBe('done');

  fill(filler);
  backend.store.keepStatistics(TEST_POOL, 'x'.repeat(500_000));
  const settled = backend.queue.settle(second, { outcome: 'completed' });
  await watch.until(({ cause }) => cause !== undefined);
  rmSync(filler);
  await clock.advance(500);
  expect(await settled).toBe('done');
  await clock.advance(500);
  await watch.until(({ state }) => state === 'ok');
  const late = buildTask();
  expect(await backend.queue.admit(late)).toMatchObject({ outcome: 'accepted' });
  await backend.close();

  const reopened = await openStore(directory, options);
  const { tasks, lostRecordCount } = await reopened.store.recover();
  expect(lostRecordCount).toBe(0);
  expect(tasks.map(({ task }) => task.id as string)).toEqual([...ids, late.id]);
  await reopened.close();
});
