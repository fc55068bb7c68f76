// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import { budgetHeaders } from '../budget-headers.ts';
import { problem } from '../problem.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { ownRequest } from '../scope.ts';
import { toTaskRequest } from '../to-task-request.ts';
import { toWireAccepted } from '../to-wire.ts';
import { validated } from '../validate.ts';

/** `POST /v1/tasks`: validated body in, `submit` out, 202 or problem; ORCH-2100 to ORCH-2105. */
export function postTasks(orchestrator: Orchestrator, limits: BodyLimits, checkMemory: () => void): Route {
  return route('submitTask', async ({ request, correlationId, identity, keyId, scope }) => {
    checkMemory();
    const body = validated(schemaValidators.TaskRequest, await readJsonBody(request, limits), '$');
    const caller = { identity, keyId, isolated: scope !== undefined, correlationId };
    const submission = await orchestrator.submit(ownRequest(toTaskRequest(body), { scope }), caller);
    const headers = budgetHeaders(submission.budget);
    if (submission.outcome === 'rejected') {
      return problem(submission.error, { correlationId, policyLabel: submission.policyLabel, headers });
    }
    return jsonAnswer(202, toWireAccepted(submission.answer), {
      Location: `/v1/tasks/${submission.answer.taskId}`,
      ...headers,
    });
  });
}
