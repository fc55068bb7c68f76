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

/** What a drain allows where the request does not say. */
const DEFAULT_DEADLINE_MS = 30_000;

/** `POST /v1/pools/{pool_id}/drain`; ORCH-1450. */
export function postPoolDrain(orchestrator: Orchestrator, pools: PoolControl, limits: BodyLimits): Route {
  return route('drainPool', async ({ path, request, scope }) => {
    demandOperator({ scope });
    const body = validated(schemaValidators.DrainRequest, await readJsonBody(request, limits), '$');
    const drained = pools.drain(path.pool_id as PoolId, body.deadline_ms ?? DEFAULT_DEADLINE_MS);
    await awaitLong(request, drained);
    return jsonAnswer(200, toWirePool(await poolOf(orchestrator, path.pool_id)));
  });
}
