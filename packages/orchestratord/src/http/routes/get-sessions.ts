// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { toWireSession } from '../to-wire.ts';

/** `GET /v1/sessions`; ORCH-2160. */
export function getSessions(orchestrator: Orchestrator): Route {
  return route('listSessions', async () =>
    jsonAnswer(200, { sessions: (await orchestrator.sessions()).map(toWireSession) }),
  );
}
