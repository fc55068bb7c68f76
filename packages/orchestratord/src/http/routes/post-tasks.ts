// SPDX-License-Identifier: MIT
import { schemaValidators } from '@llama-orch/api-schema';
import type { Orchestrator } from '@llama-orch/orchestrator-core';
import { jsonAnswer } from '../answer.ts';
import type { AppDeps } from '../app-deps.ts';
import { budgetHeaders } from '../budget-headers.ts';
import { problem } from '../problem.ts';
import { readJsonBody, type BodyLimits } from '../read-body.ts';
import { route, type Route } from '../route.ts';
import { ownRequest } from '../scope.ts';
import { toTaskRequest } from '../to-task-request.ts';
import { toWireAccepted } from '../to-wire.ts';
import { toWirePlan } from '../to-wire-plan.ts';
import { validated } from '../validate.ts';

/** `POST /v1/tasks`: validated body in, `submit` out, 202 or problem; as a dry run `plan` out; ORCH-2100 to ORCH-2106. */
export function postTasks(
  orchestrator: Orchestrator,
  limits: BodyLimits,
  { checkMemory, models }: Pick<AppDeps, 'checkMemory' | 'models'>,
): Route {
  return route('submitTask', async ({ request, query, correlationId, identity, keyId, scope }) => {
    // A body of unknown length may be as large as any.
    checkMemory(Number(request.headers['content-length'] ?? limits.maxBytes));
    const body = validated(schemaValidators.TaskRequest, await readJsonBody(request, limits), '$');
    models.checkModel(body.model_ref);
    const caller = { identity, keyId, isolated: scope !== undefined, correlationId };
    const wanted = ownRequest(toTaskRequest(body), { scope });
    if (query.dry_run) return jsonAnswer(200, toWirePlan(await orchestrator.plan(wanted, caller), correlationId));
    const submission = await orchestrator.submit(wanted, caller);
    const headers = budgetHeaders(submission.budget);
    if (submission.outcome === 'rejected') {
      return problem(submission.error, { correlationId, policyLabel: submission.policyLabel, headers });
    }
    const location = `/v1/tasks/${submission.answer.taskId}`;
    return jsonAnswer(202, toWireAccepted(submission.answer), ['Location', location, ...headers]);
  });
}
