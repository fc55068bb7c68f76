// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { taskIdOf, unknown } from '../known.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { demandOwn } from '../scope.ts';
import { toWireTask } from '../to-wire.ts';
import { validated } from '../validate.ts';

/** `POST /v1/tasks/{task_id}/priority`; ORCH-1282. */
export function postTaskPriority(orchestrator: Orchestrator, limits: BodyLimits): Route {
  return route('setTaskPriority', async ({ path, request, scope }) => {
    const { priority } = validated(schemaValidators.PriorityRequest, await readJsonBody(request, limits), '$');
    const id = taskIdOf(path.task_id);
    await demandOwn(orchestrator, id, { scope });
    const steered = await orchestrator.steer({ kind: 'priority', id, priority });
    if (steered.outcome === 'refused') throw steered.error;
    const view = steered.outcome === 'unknown' ? undefined : await orchestrator.get(id);
    if (view === undefined) throw unknown('task_id');
    return jsonAnswer(200, toWireTask(view));
  });
}
