// SPDX-License-Identifier: MIT
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceOptions, ServiceUnderTest } from '@llama-orch/harness-bdd';
import { temporaryDirectory } from './temporary-directory.ts';

const POLL_MS = 5;
/** V8 makes room for young objects as it is busy, and keeps the room: 100 MiB that are no leak. */
const YOUNG_MIB = 2;

/** What a process holds. */
export interface Holdings {
  /** Once its garbage is collected. */
  readonly residentMiB: number;
  /** Sockets and listening ports are among them. */
  readonly fileCount: number;
  readonly threadCount: number;
  readonly childCount: number;
}

/** Reads what services hold that were started with its options. */
export interface HoldingsProbe extends AsyncDisposable {
  readonly options: Pick<ServiceOptions, 'nodeFlags' | 'env'>;
  read(service: ServiceUnderTest): Promise<Holdings>;
}

/** Prepares a reading; the process is started by the caller. */
export async function createHoldingsProbe(): Promise<HoldingsProbe> {
  const directory = await temporaryDirectory();
  const file = join(directory.path, 'resident');
  const probe = new URL('./memory-probe.ts', import.meta.url).href;
  return {
    options: {
      nodeFlags: ['--expose-gc', `--max-semi-space-size=${YOUNG_MIB}`, `--import=${probe}`],
      env: { CHAOS_MEMORY_FILE: file },
    },
    async read(service) {
      const { pid } = service;
      await rm(file, { force: true });
      service.signal('SIGUSR2');
      const residentBytes = await readWritten(file, service);
      const tasks = await readdir(`/proc/${pid}/task`);
      const children = await Promise.all(
        // A thread that has just ended has no children.
        tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
      );
      return {
        residentMiB: residentBytes / 2 ** 20,
        fileCount: (await readdir(`/proc/${pid}/fd`)).length,
        threadCount: tasks.length,
        childCount: children.join(' ').split(' ').filter(Boolean).length,
      };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** A signal has no answer to wait for, so the file is looked for again and again. */
async function readWritten(file: string, service: ServiceUnderTest): Promise<number> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return Number(text);
    if (service.over) throw new Error(`the service has ended: ${service.errorLines.join('\n')}`);
    await delay(POLL_MS);
  }
}

/** The least of each. */
export function lowest(samples: readonly Holdings[]): Holdings {
  const of = (key: keyof Holdings): number => Math.min(...samples.map((sample) => sample[key]));
  return {
    residentMiB: of('residentMiB'),
    fileCount: of('fileCount'),
    threadCount: of('threadCount'),
    childCount: of('childCount'),
  };
}
