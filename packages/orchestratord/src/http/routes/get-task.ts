// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { taskIdOf, unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { shownTo } from '../scope.ts';
import { toWireRequest } from '../to-wire-trace.ts';
import { toWireTask } from '../to-wire.ts';

/** `GET /v1/tasks/{task_id}`; ORCH-2120, ORCH-2121. */
export function getTask(orchestrator: Orchestrator): Route {
  return route('getTask', async ({ path, query, scope }) => {
    const view = await orchestrator.get(taskIdOf(path.task_id));
    if (view === undefined || (scope !== undefined && view.task.keyId !== scope)) throw unknown('task_id');
    const shown = shownTo({ scope }, toWireTask(view));
    if (query.include !== 'request') return jsonAnswer(200, shown);
    // ORCH-1238: who may read the output may read what was asked for it.
    const request = { ...toWireRequest(view.task, (text) => text), session_id: shown.session_id };
    return jsonAnswer(200, { ...shown, request });
  });
}
