// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

const OWN_GROUP = '/proc/self/cgroup';
const GROUPS = '/sys/fs/cgroup';
/** Counts for the whole machine; a stranger's end counts too, so it is asked last. */
const MACHINE = '/proc/vmstat';

/** How many processes of our control group, or else of the machine, the kernel has killed for memory; undefined where it does not tell. */
export async function readMemoryKills(): Promise<number | undefined> {
  const events = eventsFile(await read(OWN_GROUP));
  const ofGroup = events === undefined ? undefined : parseMemoryKills(await read(events));
  return ofGroup ?? parseMemoryKills(await read(MACHINE));
}

/** Where our control group counts, from what `/proc/self/cgroup` says; undefined without control groups of version 2. */
export function eventsFile(ownGroup: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(ownGroup)?.[1];
  return path === undefined ? undefined : `${GROUPS}${path === '/' ? '' : path}/memory.events`;
}

/** The `oom_kill` line of `memory.events` or `vmstat`. */
export function parseMemoryKills(text: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Empty where the system has no such file. */
function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
