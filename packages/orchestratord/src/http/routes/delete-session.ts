// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { NO_CONTENT } from '../answer.ts';
import { unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { ownSessionId } from '../scope.ts';

/** `DELETE /v1/sessions/{session_id}`; ORCH-2162. */
export function deleteSession(orchestrator: Orchestrator): Route {
  return route('deleteSession', async ({ path, scope }) => {
    if (!(await orchestrator.endSession(ownSessionId(path.session_id, { scope })))) throw unknown('session_id');
    return NO_CONTENT;
  });
}
