// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { taskIdOf, unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { shownTo } from '../scope.ts';
import { toWireTask } from '../to-wire.ts';

/** `GET /v1/tasks/{task_id}`; ORCH-2120, ORCH-2121. */
export function getTask(orchestrator: Orchestrator): Route {
  return route('getTask', async ({ path, scope }) => {
    const view = await orchestrator.get(taskIdOf(path.task_id));
    if (view === undefined || (scope !== undefined && view.task.keyId !== scope)) throw unknown('task_id');
    return jsonAnswer(200, shownTo({ scope }, toWireTask(view)));
  });
}
