// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { route, type Route } from '../route.ts';
import { seesSession, shownTo } from '../scope.ts';
import { toWireSession } from '../to-wire.ts';

/** `GET /v1/sessions`; ORCH-2160. */
export function getSessions(orchestrator: Orchestrator): Route {
  return route('listSessions', async ({ scope }) => {
    const sessions = (await orchestrator.sessions()).filter(({ id }) => seesSession(id, { scope }));
    return jsonAnswer(200, { sessions: sessions.map((session) => shownTo({ scope }, toWireSession(session))) });
  });
}
