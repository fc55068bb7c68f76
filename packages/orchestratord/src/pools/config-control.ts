// SPDX-License-Identifier: MIT
import type { Config, Pool } from '@llama-orch/config-schema';
import type { Logger, PoolId } from '@llama-orch/orchestrator-core';
import { OrchError, type JsonObject } from '@llama-orch/worker-adapter-api';
import { ConfigError } from '../config/config-fault.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Fleet } from './fleet.ts';
import { poolChanges } from './pool-changes.ts';

/** What became of one pool. */
export interface PoolChange {
  readonly poolId: string;
  readonly change: 'unchanged' | 'added' | 'removed' | 'reloaded' | 'failed';
  /** Why it has failed; the pool is as it was. */
  readonly reason?: string;
}

/** What became of a configuration that was read again. */
export interface ConfigReload {
  readonly pools: readonly PoolChange[];
  /** Sections that have changed too and are applied at the next start. */
  readonly restartNeeded: readonly string[];
}

/** Reads the configuration again and makes the pools what it says. */
export interface ConfigControl {
  /** Rejects INVALID_PARAMS with `details.faults` when it cannot be used; nothing has changed then. ORCH-1455, ORCH-5100 */
  reload(): Promise<ConfigReload>;
}

/** What a control of the configuration works on. */
export interface ConfigControlParts {
  /** As it was at the start. */
  readonly config: Config;
  /** Reads the file again. @throws ConfigError */
  readonly read: () => LoadedConfig;
  readonly fleet: Fleet;
  readonly logger: Logger;
}

/** Makes the control; reloads come one after the other. */
export function createConfigControl({ config, read, fleet, logger }: ConfigControlParts): ConfigControl {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    reload() {
      const done = turn.then(async () => {
        const next = readOrRefuse(read);
        const reload = await apply(fleet, config, next.config);
        for (const { poolId, change, reason } of reload.pools) {
          if (change === 'unchanged') continue;
          const human = `The pool was read again from the configuration: ${change}.`;
          logger.log(change === 'failed' ? 'error' : 'info', human, { pool_id: poolId, reason });
        }
        return reload;
      });
      turn = done.catch(() => undefined);
      return done;
    },
  };
}

function readOrRefuse(read: () => LoadedConfig): LoadedConfig {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map((fault): JsonObject => ({ ...fault }));
    const message = 'The configuration cannot be used; the one in force stays.';
    throw new OrchError('INVALID_PARAMS', { message, phase: 'request', details: { field: 'configuration', faults } });
  }
}

async function apply(fleet: Fleet, before: Config, after: Config): Promise<ConfigReload> {
  const changes = poolChanges(fleet.sections, before, after);
  const graceMs = after.shutdown.grace_ms;
  const tried = (pools: readonly Pool[], change: PoolChange['change'], work: (pool: Pool) => Promise<void>) =>
    Promise.all(pools.map((pool) => attempt(pool, change, work)));
  // Cards come free before others take them.
  const removed = await tried(changes.removed, 'removed', ({ id }) => fleet.remove(id as PoolId, graceMs));
  const [revised, reloaded] = await Promise.all([
    tried(changes.revised, 'reloaded', (pool) => fleet.revise(pool, false)),
    tried(changes.reloaded, 'reloaded', (pool) => fleet.revise(pool, true)),
  ]);
  const added = await tried(changes.added, 'added', (pool) => fleet.add(pool));
  const unchanged = changes.unchanged.map(({ id }): PoolChange => ({ poolId: id, change: 'unchanged' }));
  return {
    pools: [...unchanged, ...removed, ...revised, ...reloaded, ...added],
    restartNeeded: changes.restartNeeded,
  };
}

async function attempt(
  pool: Pool,
  change: PoolChange['change'],
  work: (pool: Pool) => Promise<void>,
): Promise<PoolChange> {
  try {
    await work(pool);
    return { poolId: pool.id, change };
  } catch (error) {
    const { message, details } = OrchError.from(error, 'INTERNAL');
    const reason = typeof details['reason'] === 'string' ? details['reason'] : message;
    return { poolId: pool.id, change: 'failed', reason };
  }
}
