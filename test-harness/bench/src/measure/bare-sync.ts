// SPDX-License-Identifier: MIT
import { fdatasyncSync, openSync, writeSync, closeSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const PAGE = Buffer.alloc(4_096, 1);
/** Pages that are written over in turn, as those of a write-ahead log are. */
const PAGES_COUNT = 256;

/** How often a write is made on disk. */
export interface BareSyncPlan {
  readonly writes: number;
  /** Pause before each. */
  readonly pauseMs: number;
}

/**
 * CPU time, in microseconds, of one page that is on disk when the call returns: what a commit costs before there is a
 * database, a record or a thread. The pauses themselves are measured and taken off.
 */
export async function measureBareSync({ writes, pauseMs }: BareSyncPlan): Promise<number> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bare-sync-'));
  const file = openSync(join(folder.path, 'pages'), 'w');
  try {
    for (let k = 0; k < PAGES_COUNT; k++) writeSync(file, PAGE);
    fdatasyncSync(file);
    const pausesUs = await cpuUsOf(writes, pauseMs, () => undefined);
    const syncsUs = await cpuUsOf(writes, pauseMs, (k) => {
      writeSync(file, PAGE, 0, PAGE.length, (k % PAGES_COUNT) * PAGE.length);
      fdatasyncSync(file);
    });
    return (syncsUs - pausesUs) / writes;
  } finally {
    closeSync(file);
  }
}

async function cpuUsOf(count: number, pauseMs: number, act: (k: number) => void): Promise<number> {
  const before = process.cpuUsage();
  for (let k = 0; k < count; k++) {
    await wait(pauseMs);
    act(k);
  }
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
