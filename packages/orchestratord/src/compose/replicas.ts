// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Config, EmbeddedOptions, Pool } from '@llama-orch/config-schema';
import { systemClock, systemRandom } from '@llama-orch/node-ports';
import type { Logger } from '@llama-orch/orchestrator-core';
import {
  createExternalLauncher,
  createInProcessLauncher,
  createManagedReplica,
  createProcessLauncher,
  type Capacity,
  type DeviceProvider,
  type EngineAddress,
  type EngineLauncher,
  type ManagedReplica,
} from '@llama-orch/pool-manager';
import { tinyModelPath } from '@llama-orch/tiny-model';
import type { ModelDesk } from '../catalog/model-desk.ts';
import { opensModelFile } from '../config/check-pools.ts';
import { engineCommand } from '../config/engine-command.ts';
import { given } from '../config/given.ts';
import { provisioningOf } from '../config/provisioning.ts';
import { watchdogLimits } from '../config/watchdog-limits.ts';
import { withCatalogModel } from './catalog-launcher.ts';
import { createEmbeddedAdapter, createServerAdapter, type ServerParts } from './engines.ts';

/** What replicas are made from beside their pool. */
export interface ReplicaParts {
  readonly config: Config;
  /** Engine keys by the name of their variable. */
  readonly engineKeys: Readonly<Record<string, string>>;
  /** Where models that are named by a reference are found. */
  readonly models: Pick<ModelDesk, 'locate'>;
  /** Tells how much room the cards have. */
  readonly devices: DeviceProvider;
  /** Absolute path. */
  readonly storeDirectory: string;
  readonly logger: Logger;
}

/**
 * The replicas of a pool, each without an engine yet.
 *
 * @param suffix Told apart by it: those of the pool that serves now, and those that are to take over.
 */
export function createReplicas(pool: Pool, suffix: string, parts: ReplicaParts): readonly ManagedReplica[] {
  const urls = [pool.base_url ?? []].flat();
  const count = provisioningOf(pool) === 'external' ? urls.length : (pool.replicas ?? 1);
  return Array.from({ length: count }, (_, index) => {
    const id = `${pool.id}-${index}${suffix}`;
    return createManagedReplica({
      id,
      kind: pool.adapter,
      launcher: withCatalogModel(pool, parts.models, (located) => launcherOf(located, { id, url: urls[index] }, parts)),
      clock: systemClock,
      random: systemRandom,
      logger: parts.logger,
      deviceProvider: parts.devices,
      capacity: capacityOf(pool),
      // Others pay for what an engine of theirs generates.
      selfTest: provisioningOf(pool) !== 'external',
      limits: given({ loadTimeoutMs: pool.engine?.load_timeout_ms }),
    });
  });
}

/** Where it is written down which engines run, and where their logs lie. */
export function engineDirectory({ storeDirectory }: Pick<ReplicaParts, 'storeDirectory'>): string {
  return join(storeDirectory, 'engines');
}

/** Whether a pool's engines ever use a card. */
export function usesCards(pool: Pool): boolean {
  if (pool.adapter === 'mock') return pool.devices !== undefined;
  return pool.adapter !== 'node-llama-cpp' || (pool.options as EmbeddedOptions).gpu === true;
}

/** A pool as its engine tells of itself: one that opens a file has a name for it that we do not know. */
function asServed(pool: Pool): Pool {
  return opensModelFile(pool) ? given({ ...pool, model: undefined }) : pool;
}

function capacityOf({ slots, ctx_max: ctxMaxTokens }: Pool): Capacity {
  return given({ slots, ctxMaxTokens });
}

function withCapacity(pool: Pool, { slots, ctxMaxTokens }: Capacity = {}): Pool {
  return given({ ...pool, slots: slots ?? pool.slots, ctx_max: ctxMaxTokens ?? pool.ctx_max });
}

interface ReplicaPlace {
  readonly id: string;
  /** Where it is, when others have started it. */
  readonly url: string | undefined;
}

function launcherOf(pool: Pool, { id, url }: ReplicaPlace, parts: ReplicaParts): EngineLauncher {
  const server: Omit<ServerParts, 'baseUrl'> = {
    keys: parts.engineKeys,
    watchdog: watchdogLimits(parts.config, pool),
  };
  switch (provisioningOf(pool)) {
    case 'embedded':
      return createInProcessLauncher(({ capacity }) => createEmbeddedAdapter(withCapacity(pool, capacity)));
    case 'external':
      return createExternalLauncher(() => createServerAdapter(pool, { ...server, baseUrl: url ?? '' }));
    case 'managed':
      return createProcessLauncher(
        given({
          replicaId: id,
          ...(engineCommand(pool) ?? { command: '', args: [] }),
          env: pool.engine?.env,
          port: pool.engine?.port,
          values: given({ model: pool.model?.startsWith('builtin:') === true ? tinyModelPath : pool.model }),
          connect: ({ baseUrl }: EngineAddress) => createServerAdapter(asServed(pool), { ...server, baseUrl }),
          stateDirectory: engineDirectory(parts),
          logDirectory: pool.engine?.log.directory ?? engineDirectory(parts),
          logLimitBytes: pool.engine?.log.max_bytes,
          logFileCount: pool.engine?.log.max_files,
          graceMs: pool.engine?.stop_grace_ms,
          secrets: Object.values(parts.engineKeys),
          clock: systemClock,
          random: systemRandom,
          logger: parts.logger,
        }),
      );
  }
}
