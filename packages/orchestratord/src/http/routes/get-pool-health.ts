// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import type { PoolControl } from '../../pools/pool-control.ts';
import { jsonAnswer } from '../answer.ts';
import { poolOf } from '../known.ts';
import { route, type Route } from '../route.ts';
import { toWirePoolHealth } from '../to-wire-pool-health.ts';

/** `GET /v1/pools/{pool_id}/health`; ORCH-2210, ORCH-1407. A store in trouble degrades every pool. */
export function getPoolHealth(
  orchestrator: Orchestrator,
  pools: PoolControl,
  storeTrouble: () => string | undefined,
): Route {
  return route('getPoolHealth', async ({ path, scope }) => {
    const pool = await poolOf(orchestrator, path.pool_id);
    const engineOf = pools.replica.bind(pools);
    return jsonAnswer(
      200,
      toWirePoolHealth(pool, {
        degraded: storeTrouble(),
        notLoaded: pools.whyNotLoaded(pool.id),
        engineOf,
        isOperator: scope === undefined,
      }),
    );
  });
}
