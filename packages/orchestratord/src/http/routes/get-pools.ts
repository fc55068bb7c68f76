// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWirePool } from '../to-wire.ts';

/** `GET /v1/pools`; ORCH-2205. */
export function getPools(orchestrator: Orchestrator): Route {
  return route('listPools', async () => jsonAnswer(200, { pools: (await orchestrator.pools()).map(toWirePool) }));
}
