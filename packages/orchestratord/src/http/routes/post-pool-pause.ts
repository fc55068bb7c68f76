// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { poolOf, unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWirePool } from '../to-wire.ts';

/** `POST /v1/pools/{pool_id}/pause`; ORCH-1283. */
export function postPoolPause(orchestrator: Orchestrator): Route {
  return route('pausePool', async ({ path, scope }) => {
    demandOperator({ scope });
    const { outcome } = await orchestrator.steer({ kind: 'pause', poolId: path.pool_id as PoolId });
    if (outcome === 'unknown') throw unknown('pool_id');
    return jsonAnswer(200, toWirePool(await poolOf(orchestrator, path.pool_id)));
  });
}
