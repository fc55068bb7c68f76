// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';
import type { DeviceId, ManagedReplica } from '@llama-orch/pool-manager';
import type { LoadFault } from './pool-control.ts';

/** The engines of one pool, and the section of the configuration they were made from. */
export interface Crew {
  readonly section: Pool;
  readonly replicas: readonly ManagedReplica[];
}

/** The cards each replica of a crew runs on; undefined where nothing bounds it. */
export type Places = readonly (readonly DeviceId[] | undefined)[];

/** Where the replicas of a crew are now, or may be by its section. */
export function placesOf({ section, replicas }: Crew): Places {
  const mask = section.devices as readonly DeviceId[] | undefined;
  return replicas.map((replica, index) => {
    const { devices } = replica.view();
    if (devices !== undefined || mask === undefined) return devices;
    return section.split ? mask : mask.slice(index % mask.length, (index % mask.length) + 1);
  });
}

/** Loads every engine, each tried once; what is wrong with the first that cannot be. */
export async function loadCrew({ replicas }: Crew, places: Places): Promise<LoadFault | undefined> {
  const outcomes = await Promise.all(
    replicas.map((replica, index) => tryLoad(replica, places[index % Math.max(1, places.length)])),
  );
  return outcomes.find((fault) => fault !== undefined);
}

/** Ends every engine once its runs have ended. */
export async function unloadCrew({ replicas }: Crew): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.unload()));
}

/** Ends every engine for good. */
export async function closeCrew({ replicas }: Crew): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.close()));
}

async function tryLoad(
  replica: ManagedReplica,
  devices: readonly DeviceId[] | undefined,
): Promise<LoadFault | undefined> {
  try {
    await replica.load({ attemptCount: 1, ...(devices === undefined ? {} : { devices }) });
    return undefined;
  } catch {
    // The view tells more than the error: the cure, and what kind of fault it is.
    const { lastError: reason = 'It was unloaded before it was ready.', cure, reason: kind } = replica.view();
    return { reason, cure, kind };
  }
}
