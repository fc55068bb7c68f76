// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/** Files of Linux that count processes killed for memory: of our control group, and of the whole machine. */
const COUNTERS = ['/sys/fs/cgroup/memory.events', '/proc/vmstat'];

/** How many processes the kernel has killed for memory so far; undefined where it does not tell. */
export async function readMemoryKills(files: readonly string[] = COUNTERS): Promise<number | undefined> {
  const counts = await Promise.all(files.map((file) => readFile(file, 'utf8').then(parseMemoryKills, () => undefined)));
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}

/** The `oom_kill` line of `memory.events` or `vmstat`. */
export function parseMemoryKills(text: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}
