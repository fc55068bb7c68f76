// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireReadiness } from '../to-wire.ts';

/** `GET /readyz`: 200 only while every pool is ready; ORCH-2235. */
export function getReadyz(orchestrator: Orchestrator): Route {
  return route('getReadiness', async () => {
    const pools = (await orchestrator.pools()).map(toWireReadiness);
    if (pools.every(({ ready, draining }) => ready && !draining)) return jsonAnswer(200, { ready: true, pools });
    throw new OrchError('POOL_UNREADY', { message: 'Not every pool is ready.', phase: 'request', details: { pools } });
  });
}
