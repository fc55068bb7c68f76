// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { toWirePoolHealth } from '../to-wire.ts';

/** `GET /v1/pools/{pool_id}/health`; ORCH-2210. A store in trouble degrades every pool. */
export function getPoolHealth(orchestrator: Orchestrator, storeTrouble: () => string | undefined): Route {
  return route('getPoolHealth', async ({ path }) => {
    const pool = await orchestrator.pool(path.pool_id as PoolId);
    if (pool === undefined) throw unknown('pool_id');
    return jsonAnswer(200, toWirePoolHealth(pool, storeTrouble()));
  });
}
