// SPDX-License-Identifier: MIT
import type { Orchestrator, SessionId } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { toWireSession } from '../to-wire.ts';

/** `GET /v1/sessions/{session_id}`; ORCH-2161. */
export function getSession(orchestrator: Orchestrator): Route {
  return route('getSession', async ({ path }) => {
    const session = await orchestrator.session(path.session_id as SessionId);
    if (session === undefined) throw unknown('session_id');
    return jsonAnswer(200, toWireSession(session));
  });
}
