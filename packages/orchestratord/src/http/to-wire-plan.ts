// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { TaskPlan } from '@llama-orch/orchestrator-core';
import { describeProblem } from './problem.ts';
import { roundMs } from './round-ms.ts';
import { toWireWaitingFor } from './to-wire.ts';

/** What would become of a task, on the wire; ORCH-2106. */
export function toWirePlan(
  { placement, waitingFor, refusal, ...plan }: TaskPlan,
  correlationId: string,
): Wire.TaskPlan {
  return {
    admitted: plan.admitted,
    reason: plan.reason,
    pool_id: plan.poolId,
    pool_reason: plan.poolReason,
    queue_position: plan.queuePosition,
    predicted_start_ms: roundMs(plan.predictedStartMs),
    on_time_probability: plan.onTimeProbability,
    backoff_ms: roundMs(plan.backoffMs),
    placement: placement && { replica_id: placement.replicaId, reason: placement.reason },
    waiting_for: waitingFor && toWireWaitingFor(waitingFor),
    problem: refusal && describeProblem(refusal.error, { correlationId, policyLabel: refusal.policyLabel }).body,
  };
}
