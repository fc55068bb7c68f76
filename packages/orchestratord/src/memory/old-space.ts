// SPDX-License-Identifier: MIT
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

import type { MemoryReading } from './memory-guard.ts';

const MIB = 2 ** 20;
/** The young generation that this Node reserves when no flag says otherwise, three semi-spaces of 64 MiB. */
const DEFAULT_SEMI_SPACE_MIB = 64;
const SEMI_SPACES = 3;
const SEMI_SPACE_FLAG = /--max[-_]semi[-_]space[-_]size=(\d+)/g;

let residentBytes = 0;

/** Reads this process: of its heap what has outlived the young generation, for the process dies where that fills its room. */
export function readMemory(): MemoryReading {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_used_size ?? 0;
  return { heapBytes: getHeapStatistics().used_heap_size - young, residentBytes: readResident() };
}

function readResident(): number {
  try {
    residentBytes = process.memoryUsage.rss();
  } catch {
    // ORCH-1345: with no descriptor left the system cannot be asked, and its last answer stands.
  }
  return residentBytes;
}

/** Bytes that such objects may take. V8 tells only the limit of the whole heap, which counts the young generation too. */
export function oldSpaceLimitBytes(heapLimitBytes: number, flags: string): number {
  const named = [...flags.matchAll(SEMI_SPACE_FLAG)].at(-1)?.[1];
  return heapLimitBytes - SEMI_SPACES * (named === undefined ? DEFAULT_SEMI_SPACE_MIB : Number(named)) * MIB;
}

/** The limit of this process. */
export function ownOldSpaceLimitBytes(): number {
  const flags = [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].join(' ');
  return oldSpaceLimitBytes(getHeapStatistics().heap_size_limit, flags);
}
