// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { ConfigControl } from '../../pools/config-control.ts';
import { awaitLong } from '../await-long.ts';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { demandOperator } from '../scope.ts';

/** `POST /v1/config/reload`; ORCH-1455. */
export function postConfigReload(config: ConfigControl): Route {
  return route('reloadConfig', async ({ request, scope }) => {
    demandOperator({ scope });
    const { pools, restartNeeded } = await awaitLong(request, config.reload());
    const body: Wire.ConfigReload = {
      pools: pools.map(({ poolId, change, reason }) => ({ pool_id: poolId, change, reason })),
      restart_needed: restartNeeded,
    };
    return jsonAnswer(200, body);
  });
}
