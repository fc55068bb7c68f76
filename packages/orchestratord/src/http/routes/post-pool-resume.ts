// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import type { PoolControl } from '../../pools/pool-control.ts';
import { jsonAnswer } from '../answer.ts';
import { poolOf } from '../known.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWirePool } from '../to-wire.ts';

/** `POST /v1/pools/{pool_id}/resume`: after a pause as after a drain; ORCH-1283, ORCH-1451. */
export function postPoolResume(orchestrator: Orchestrator, pools: PoolControl): Route {
  return route('resumePool', async ({ path, scope }) => {
    demandOperator({ scope });
    await pools.resume(path.pool_id as PoolId);
    return jsonAnswer(200, toWirePool(await poolOf(orchestrator, path.pool_id)));
  });
}
