// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:process';

/** What tells a process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to its own; undefined where there is no /proc. */
  readonly startTicks?: number;
}

/** Fields of `/proc/<pid>/stat` that matter here. */
interface ProcessStat {
  readonly pid: number;
  readonly isZombie: boolean;
  readonly group: number;
  readonly startTicks: number;
}

const HAS_PROC = platform === 'linux';
const STATE = 0;
const GROUP = 2;
const START_TICKS = 19;

/** Reads one line of `/proc/<pid>/stat`; the name in brackets may hold anything, brackets too. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE];
  const numbers = {
    pid: Number.parseInt(line, 10),
    group: Number(fields[GROUP]),
    startTicks: Number(fields[START_TICKS]),
  };
  if (state === undefined || Object.values(numbers).some((value) => !Number.isSafeInteger(value))) return undefined;
  return { ...numbers, isZombie: state === 'Z' || state === 'X' };
}

/** The identity of a process that runs; undefined when there is none with this number. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  if (!HAS_PROC) return canSignal(pid) ? { pid } : undefined;
  const stat = await readStat(pid);
  return stat === undefined || stat.isZombie ? undefined : { pid, startTicks: stat.startTicks };
}

/** Whether that very process still runs. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks;
}

/** Whether a member of the process group of `leader` runs; processes that are dead but not yet collected do not count. */
export async function isGroupAlive(leader: number): Promise<boolean> {
  if (!canSignal(-leader)) return false;
  return !HAS_PROC || (await groupMembers(leader)).length > 0;
}

/** Whether what runs in the process group of `leader` is what `leader` began: its number was not given to somebody else since. */
export async function isOwnGroup(leader: ProcessIdentity): Promise<boolean> {
  if (!HAS_PROC) return canSignal(-leader.pid);
  const started = leader.startTicks ?? 0;
  const members = await groupMembers(leader.pid);
  const first = members.find(({ pid }) => pid === leader.pid);
  if (first !== undefined) return first.startTicks === started;
  // The kernel gives a number away only when no group of that number is left, so members that outlived their leader are its own.
  return members.some(({ startTicks }) => startTicks >= started);
}

/** Signals every process of a group; false when there is none. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no groups: there the leader alone can be ended.
    return process.kill(platform === 'win32' ? leader : -leader, signal);
  } catch {
    return false;
  }
}

async function groupMembers(leader: number): Promise<readonly ProcessStat[]> {
  const names = await readdir('/proc');
  const stats = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readStat(Number(name))));
  return stats.filter((stat) => stat !== undefined).filter((stat) => stat.group === leader && !stat.isZombie);
}

async function readStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    return parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between two looks.
    return undefined;
  }
}

function canSignal(target: number): boolean {
  try {
    process.kill(platform === 'win32' ? Math.abs(target) : target, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
