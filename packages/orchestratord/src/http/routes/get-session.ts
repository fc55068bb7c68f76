// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { ownSessionId, shownTo } from '../scope.ts';
import { toWireSession } from '../to-wire.ts';

/** `GET /v1/sessions/{session_id}`; ORCH-2161. */
export function getSession(orchestrator: Orchestrator): Route {
  return route('getSession', async ({ path, scope }) => {
    const session = await orchestrator.session(ownSessionId(path.session_id, { scope }));
    if (session === undefined) throw unknown('session_id');
    return jsonAnswer(200, shownTo({ scope }, toWireSession(session)));
  });
}
