// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import type { PoolControl } from '../../pools/pool-control.ts';
import { awaitLong } from '../await-long.ts';
import { jsonAnswer } from '../answer.ts';
import { poolOf } from '../known.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWirePool } from '../to-wire.ts';
import { validated } from '../validate.ts';

/** `POST /v1/pools/{pool_id}/reload`; ORCH-1452. */
export function postPoolReload(orchestrator: Orchestrator, pools: PoolControl, limits: BodyLimits): Route {
  return route('reloadPool', async ({ path, request, scope }) => {
    demandOperator({ scope });
    const body = validated(schemaValidators.ReloadRequest, await readJsonBody(request, limits), '$');
    await awaitLong(request, pools.reload(path.pool_id as PoolId, body.new_model_ref));
    return jsonAnswer(200, toWirePool(await poolOf(orchestrator, path.pool_id)));
  });
}
