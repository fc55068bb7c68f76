// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface ProcessUsage {
  /** Time its threads ran on a CPU, in microseconds. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

/** Reads Linux's own account of a process; NaN where there is none. */
export function usageOf(pid: number): ProcessUsage {
  try {
    const ranNs = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    );
    const [, rssKib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return { cpuUs: ranNs.reduce((sum, ns) => sum + ns, 0) / 1000, rssBytes: Number(rssKib) * 1024 };
  } catch {
    return { cpuUs: NaN, rssBytes: NaN }; // not Linux: the columns stay empty
  }
}
