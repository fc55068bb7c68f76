// SPDX-License-Identifier: MIT
import { statSync } from 'node:fs';
import type { Config, Pool } from '@llama-orch/config-schema';
import { systemClock } from '@llama-orch/node-ports';
import type { Logger, Orchestrator, PoolId, QueueLimits } from '@llama-orch/orchestrator-core';
import {
  createSwapper,
  createSystemDeviceProvider,
  endOrphans,
  type DeviceProvider,
  type DeviceReading,
  type SwappedPool,
} from '@llama-orch/pool-manager';
import { opensModelFile } from '../config/check-pools.ts';
import { given } from '../config/given.ts';
import { poolWithModel } from '../config/pool-with-model.ts';
import { provisioningOf } from '../config/provisioning.ts';
import type { Crew } from '../pools/crew.ts';
import { fitsBeside } from '../pools/fits-beside.ts';
import { Fleet } from '../pools/fleet.ts';
import { poolSpec } from '../pools/pool-spec.ts';
import { createReplicas, engineDirectory, usesCards, type ReplicaParts } from './replicas.ts';

/** The engines of a service under one command. */
export interface FleetCommand {
  readonly fleet: Fleet;
  /** Ends what an earlier process has left behind, then loads what is loaded from the start; resolves when that has begun. */
  start(): Promise<void>;
  /** Ends every engine. */
  close(): Promise<void>;
}

/** What a fleet is commanded with. */
export interface CommandParts extends ReplicaParts {
  readonly limits: QueueLimits;
  /** Relative paths of models start here. */
  readonly folder: string;
}

/** The crews of the configured pools, none of them loaded. */
export function createCrews(parts: ReplicaParts): readonly Crew[] {
  return parts.config.pools.map((section) => ({ section, replicas: createReplicas(section, '', parts) }));
}

/** Puts the crews of an orchestrator under one command. */
export function commandFleet(crews: readonly Crew[], orchestrator: Orchestrator, parts: CommandParts): FleetCommand {
  const { config, limits, logger, folder, devices } = parts;
  const swapper = createSwapper({
    pools: swappedPools(crews, config),
    demand: orchestrator,
    devices,
    clock: systemClock,
    logger,
  });
  const fleet = new Fleet(
    {
      operations: orchestrator,
      swapper,
      onCrews: (now) => swapper.setPools(swappedPools(now, config)),
      createCrew: (section, suffix) => ({ section, replicas: createReplicas(section, suffix, parts) }),
      specOf: (crew) => poolSpec(crew, config, limits),
      withModel: async (section, modelRef) => poolWithModel(section, modelRef, folder),
      async fitsBeside({ section }) {
        const readings = usesCards(section) ? await readOrNone(devices, config) : [];
        return fitsBeside({ section, footprintBytes: footprintOf(section), readings });
      },
    },
    crews,
  );
  return {
    fleet,
    async start() {
      await endOrphans({ directory: engineDirectory(parts), clock: systemClock, logger });
      for (const crew of crews) fleet.attach(crew);
      swapper.start();
      await Promise.all(
        crews.filter(loadsAtStart).map((crew) => whenBegun(crew, swapper.load(crew.section.id as PoolId))),
      );
    },
    async close() {
      await swapper.close();
      await fleet.close();
    },
  };
}

function loadsAtStart({ section }: Crew): boolean {
  return section.load === 'always' && provisioningOf(section) !== 'external';
}

/** Resolves when a crew shows that it is being loaded, or that it cannot be. */
async function whenBegun({ replicas }: Crew, loaded: Promise<void>): Promise<void> {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const look = (): void => {
    if (replicas.every((replica) => replica.view().state !== 'stopped')) begin();
  };
  const unwatch = replicas.map(({ adapter }) => adapter.onHealthChange?.(look));
  // Why it cannot be loaded is told by its health.
  await Promise.race([begun, loaded.catch(() => undefined)]);
  for (const stop of unwatch) stop?.();
}

function swappedPools(crews: readonly Crew[], { swap }: Config): readonly SwappedPool[] {
  return crews
    .filter(({ section }) => provisioningOf(section) !== 'external')
    .map(({ section, replicas }) =>
      given({
        poolId: section.id as PoolId,
        replicas: replicas.map((replica) => given({ replica, footprintBytes: section.footprint_bytes })),
        // Engines that never use a card do not wait for one.
        wish: given({
          mask: usesCards(section) ? section.devices : [],
          requireGpu: section.require_gpu,
          split: section.split,
        }),
        groupId: section.group,
        together: swap.groups.some(({ id, together }) => id === section.group && together),
        isPinned: section.pinned || section.load === 'always',
        loadAtStart: section.load === 'always',
        maxWaitMs: section.max_wait_ms,
        idleUnloadMs: section.idle_unload_ms === 0 ? undefined : section.idle_unload_ms,
      } as SwappedPool),
    );
}

/** The cards of this machine, unless the configuration says that there are none. */
export function deviceProvider({ devices }: Config, logger: Logger): DeviceProvider {
  return devices.provider === 'none'
    ? { read: async () => [] }
    : createSystemDeviceProvider({ logger, timeoutMs: devices.read_timeout_ms });
}

async function readOrNone(devices: DeviceProvider, config: Config): Promise<readonly DeviceReading[]> {
  // Without a reading the load itself tells whether there is room.
  return devices.read(AbortSignal.timeout(config.devices.read_timeout_ms)).catch(() => []);
}

function footprintOf(section: Pool): number | undefined {
  const { footprint_bytes: known, model } = section;
  if (known !== undefined || model === undefined || !opensModelFile(section)) return known;
  return statSync(model, { throwIfNoEntry: false })?.size;
}
