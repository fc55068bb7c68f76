// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Logger } from '@llama-orch/orchestrator-core';
import { endSession } from './end-session.ts';
import { identityOf, isOwnSession, isSameProcess, type ProcessIdentity } from './process-session.ts';

/** What is kept on the disk of an engine that runs, so that a later process of ours finds it. */
interface EngineRecord {
  readonly replicaId: string;
  readonly engine: ProcessIdentity;
  /** Who started it; while that one lives, the engine is no orphan. */
  readonly owner: ProcessIdentity;
  /** This run of this machine or container: in another one the numbers mean other processes. */
  readonly world: string;
}

const SUFFIX = '.engine.json';

/** Keeps a record of an engine; the returned function takes it away. */
export async function recordEngine(directory: string, replicaId: string, pid: number): Promise<() => Promise<void>> {
  const path = join(directory, `${encodeURIComponent(replicaId)}-${pid}${SUFFIX}`);
  const record: EngineRecord = {
    replicaId,
    engine: (await identityOf(pid)) ?? { pid },
    owner: (await identityOf(process.pid)) ?? { pid: process.pid },
    world: await worldOf(),
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // A reader never sees half a record.
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return () => rm(path, { force: true });
}

/** Where and how {@link endOrphans} goes about it. */
export interface EndOrphansOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between SIGTERM and SIGKILL. Default 3,000. */
  readonly graceMs?: number;
}

/**
 * Ends every recorded engine whose owner is dead, with all of its session; ORCH-1404. A process that only has the number of
 * an engine that ended long ago is left alone. Resolves when they are gone.
 *
 * @returns the replica ids of the engines that were ended.
 */
export async function endOrphans(options: EndOrphansOptions): Promise<readonly string[]> {
  const names = await readdir(options.directory).catch(() => []);
  const paths = names.filter((name) => name.endsWith(SUFFIX)).map((name) => join(options.directory, name));
  const ended = await Promise.all(paths.map((path) => endOrphan(path, options)));
  return ended.filter((replicaId) => replicaId !== undefined);
}

async function endOrphan(
  path: string,
  { clock, logger, graceMs = 3_000 }: EndOrphansOptions,
): Promise<string | undefined> {
  const record = await readRecord(path);
  if (record !== undefined) {
    const isHere = record.world === (await worldOf());
    if (isHere && (await isSameProcess(record.owner))) return undefined;
    if (isHere && (await isOwnSession(record.engine))) {
      await endSession(record.engine.pid, { clock, graceMs });
      await rm(path, { force: true });
      logger.log('warn', `An engine of replica ${record.replicaId} had outlived its service and was ended.`, {
        replica_id: record.replicaId,
      });
      return record.replicaId;
    }
  }
  await rm(path, { force: true });
  return undefined;
}

async function readRecord(path: string): Promise<EngineRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as EngineRecord;
  } catch {
    // Taken away meanwhile, or damaged: there is nothing to go by.
    return undefined;
  }
}

async function worldOf(): Promise<string> {
  const parts = [readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readlink('/proc/self/ns/pid')];
  const known = await Promise.all(parts.map((part) => part.catch(() => '')));
  return known.map((part) => part.trim()).join(' ');
}
