// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import type { AccessRules } from '../access.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireRateLimits } from '../to-wire-rate-limits.ts';
import { toWireCapabilities } from '../to-wire.ts';

/** Version of the data and control plane this service speaks. */
const API_VERSION = '1';

/** `GET /v1/capabilities`, with the limits of the caller's key; ORCH-2200, ORCH-1460. */
export function getCapabilities(orchestrator: Orchestrator, { keys }: Pick<AccessRules, 'keys'>): Route {
  return route('getCapabilities', async ({ keyId }) => {
    const key = keyId === undefined ? undefined : keys?.()?.specs.find(({ id }) => id === keyId);
    const pools = (await orchestrator.pools()).map((pool) => ({
      ...toWireCapabilities(pool),
      rate_limits: key && toWireRateLimits(key, pool.id),
    }));
    return jsonAnswer(200, { api_version: API_VERSION, pools });
  });
}
