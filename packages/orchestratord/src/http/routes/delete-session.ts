// SPDX-License-Identifier: MIT
import type { Orchestrator, SessionId } from '@llama-orch/orchestrator-core';
import { NO_CONTENT } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';

/** `DELETE /v1/sessions/{session_id}`; ORCH-2162. */
export function deleteSession(orchestrator: Orchestrator): Route {
  return route('deleteSession', async ({ path }) => {
    if (!(await orchestrator.endSession(path.session_id as SessionId))) throw unknown('session_id');
    return NO_CONTENT;
  });
}
