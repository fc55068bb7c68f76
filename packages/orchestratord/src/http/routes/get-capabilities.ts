// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireCapabilities } from '../to-wire.ts';

/** Version of the data and control plane this service speaks. */
const API_VERSION = '1';

/** `GET /v1/capabilities`; ORCH-2200. */
export function getCapabilities(orchestrator: Orchestrator): Route {
  return route('getCapabilities', async () =>
    jsonAnswer(200, { api_version: API_VERSION, pools: (await orchestrator.pools()).map(toWireCapabilities) }),
  );
}
