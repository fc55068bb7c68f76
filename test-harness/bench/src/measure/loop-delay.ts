// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/** Reads how late the event loop of another process is. */
export interface LoopDelay extends AsyncDisposable {
  /** Flags and variables the process needs. */
  readonly nodeFlags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The 99th percentile since the last call, in milliseconds; the timer's own millisecond is part of it. */
  read(pid: number): Promise<number>;
}

/** Prepares a reading; the process is started by the caller. */
export async function createLoopDelay(): Promise<LoopDelay> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-loop-'));
  const file = join(folder, 'p99');
  return {
    nodeFlags: [`--import=${new URL('./loop-delay-probe.ts', import.meta.url).href}`],
    env: { BENCH_LOOP_DELAY_FILE: file },
    async read(pid) {
      await rm(file, { force: true });
      process.kill(pid, 'SIGUSR2');
      for (;;) {
        const text = await readFile(file, 'utf8').catch(() => '');
        if (text !== '') return Number(text);
        await delay(POLL_MS);
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
