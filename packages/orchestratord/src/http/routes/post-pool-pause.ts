// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { jsonAnswer } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { toWirePool } from '../to-wire.ts';

const KINDS = { pausePool: 'pause', resumePool: 'resume' } as const;

/** `POST /v1/pools/{pool_id}/pause` and `/resume`; ORCH-1283. */
export function postPoolPause(orchestrator: Orchestrator, operationId: keyof typeof KINDS): Route {
  return route(operationId, async ({ path, scope }) => {
    if (scope !== undefined) {
      throw new OrchError('BAD_TOKEN', { message: 'This key may not steer pools.', phase: 'request' });
    }
    const poolId = path.pool_id as PoolId;
    const { outcome } = await orchestrator.steer({ kind: KINDS[operationId], poolId });
    const pool = outcome === 'unknown' ? undefined : await orchestrator.pool(poolId);
    if (pool === undefined) throw unknown('pool_id');
    return jsonAnswer(200, toWirePool(pool));
  });
}
