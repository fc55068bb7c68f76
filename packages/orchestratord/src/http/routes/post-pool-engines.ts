// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import type { PoolControl } from '../../pools/pool-control.ts';
import { awaitLong } from '../await-long.ts';
import { jsonAnswer } from '../answer.ts';
import { poolOf } from '../known.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';
import { toWirePool } from '../to-wire.ts';

const OPERATIONS = { loadPool: 'load', unloadPool: 'unload' } as const;

/** `POST /v1/pools/{pool_id}/load` and `/unload`; ORCH-1454. */
export function postPoolEngines(
  orchestrator: Orchestrator,
  pools: PoolControl,
  operationId: keyof typeof OPERATIONS,
): Route {
  return route(operationId, async ({ path, request, scope }) => {
    demandOperator({ scope });
    await awaitLong(request, pools[OPERATIONS[operationId]](path.pool_id as PoolId));
    return jsonAnswer(200, toWirePool(await poolOf(orchestrator, path.pool_id)));
  });
}
