// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:process';

// An engine leads a session of its own. What it starts stays in that, also where it makes process groups of its own, as TGI does
// for its shards. Where there is no /proc to look sessions up in, the leader's process group has to do.

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
  readonly session: number;
  readonly startTicks: number;
}

const HAS_PROC = platform === 'linux';
const STATE = 0;
const SESSION = 3;
const START_TICKS = 19;

/** Reads one line of `/proc/<pid>/stat`; the name in brackets may hold anything, brackets too. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const state = fields[STATE];
  const numbers = {
    pid: Number.parseInt(line, 10),
    session: Number(fields[SESSION]),
    startTicks: Number(fields[START_TICKS]),
  };
  if (state === undefined || Object.values(numbers).some((value) => !Number.isSafeInteger(value))) return undefined;
  return { ...numbers, isZombie: state === 'Z' || state === 'X' };
}

/** The identity of a process that runs; undefined when there is none with this number. */
export async function identityOf(pid: number): Promise<ProcessIdentity | undefined> {
  if (!HAS_PROC) return signal(pid, 0) ? { pid } : undefined;
  const stat = await readStat(pid);
  return stat === undefined || stat.isZombie ? undefined : { pid, startTicks: stat.startTicks };
}

/** Whether that very process still runs. */
export async function isSameProcess(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks;
}

/** Signals every process of a session, or looks for one with signal 0; false when there is none. Dead ones do not count. */
export async function signalSession(leader: number, name: NodeJS.Signals | 0): Promise<boolean> {
  // Windows has neither sessions nor groups: there the leader alone can be ended.
  if (!HAS_PROC) return signal(platform === 'win32' ? leader : -leader, name);
  const members = await sessionMembers(leader);
  for (const { pid } of members) signal(pid, name);
  return members.length > 0;
}

/** Whether what runs in the session of `leader` is what `leader` began: its number was not given to somebody else since. */
export async function isOwnSession(leader: ProcessIdentity): Promise<boolean> {
  if (!HAS_PROC) return signal(-leader.pid, 0);
  const started = leader.startTicks ?? 0;
  const members = await sessionMembers(leader.pid);
  const first = members.find(({ pid }) => pid === leader.pid);
  if (first !== undefined) return first.startTicks === started;
  // The kernel gives a number away only when no session of that number is left, so members that outlived their leader are its own.
  return members.some(({ startTicks }) => startTicks >= started);
}

async function sessionMembers(leader: number): Promise<readonly ProcessStat[]> {
  const names = await readdir('/proc');
  const stats = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readStat(Number(name))));
  return stats.filter((stat) => stat !== undefined).filter((stat) => stat.session === leader && !stat.isZombie);
}

async function readStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    return parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between two looks.
    return undefined;
  }
}

function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
