// SPDX-License-Identifier: MIT
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { NO_CONTENT } from '../answer.ts';
import { taskIdOf, unknown } from '../known.ts';
import { route, type Route } from '../route.ts';
import { demandOwn } from '../scope.ts';

/** `POST /v1/tasks/{task_id}/cancel`; ORCH-2150, ORCH-2151. */
export function postTaskCancel(orchestrator: Orchestrator): Route {
  return route('cancelTask', async ({ path, scope }) => {
    await demandOwn(orchestrator, taskIdOf(path.task_id), { scope });
    const outcome = await orchestrator.cancel(taskIdOf(path.task_id));
    if (outcome === undefined) throw unknown('task_id');
    return NO_CONTENT;
  });
}
