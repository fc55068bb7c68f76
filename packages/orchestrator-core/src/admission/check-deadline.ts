// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Pool } from '../pool/pool.ts';
import type { Priority, TaskRequest } from '../task/task.ts';

/** DEADLINE_UNMET when the pool is known to start the task too late; undefined when it may start in time or nobody knows. */
export function checkDeadline(request: TaskRequest, pool: Pool, priority: Priority): OrchError | undefined {
  const { deadlineMs } = request;
  if (deadlineMs === undefined) return undefined;
  const predictedStartMs = pool.predictStartMs(positionOfNext(pool, priority));
  if (predictedStartMs === undefined || predictedStartMs <= deadlineMs) return undefined;
  return new OrchError('DEADLINE_UNMET', {
    message: `The job would start in about ${predictedStartMs} ms.`,
    details: { field: '$.deadline_ms', predicted_start_ms: predictedStartMs },
  });
}

/** Tasks that would start before a new one: its own kind, and of the other what the burst rule lets pass. */
function positionOfNext(pool: Pool, priority: Priority): number {
  const { interactive, batch } = pool.waiting;
  if (priority === 'batch') return interactive + batch;
  return interactive + Math.min(batch, Math.floor(interactive / pool.spec.limits.interactiveBurst));
}
