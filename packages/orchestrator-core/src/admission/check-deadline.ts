// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { StartForecast } from '../estimate/start-forecast.ts';
import type { Pool } from '../pool/pool.ts';
import type { Priority, TaskRequest } from '../task/task.ts';

/** Chance of a start in time below which a task is refused, unless the configuration says another. */
export const DEFAULT_ON_TIME_FLOOR_RATIO = 0.05;

/** DEADLINE_UNMET when the pool is too unlikely to start the task in time; undefined when it may or nobody knows. */
export function checkDeadline(
  { deadlineMs }: TaskRequest,
  pool: Pool,
  { priority, floorRatio }: { readonly priority: Priority; readonly floorRatio: number },
): OrchError | undefined {
  if (deadlineMs === undefined) return undefined;
  const forecast = pool.forecast({ of: priority, position: positionOfNext(pool, priority) });
  return forecast === undefined ? undefined : refuseLate(deadlineMs, forecast, floorRatio);
}

function refuseLate(deadlineMs: number, forecast: StartForecast, floorRatio: number): OrchError | undefined {
  const probability = forecast.onTimeProbability(deadlineMs);
  // ORCH-1273: only what is known to be late is refused.
  if (probability >= floorRatio) return undefined;
  return new OrchError('DEADLINE_UNMET', {
    message: `The job would start in about ${forecast.medianMs} ms.`,
    details: {
      field: '$.deadline_ms',
      predicted_start_ms: forecast.medianMs,
      on_time_probability: probability,
    },
  });
}

/** Tasks that would start before a new one: its own kind, and of the other what the burst rule lets pass. */
export function positionOfNext(pool: Pool, priority: Priority): number {
  const { interactive, batch } = pool.waiting;
  if (priority === 'batch') return interactive + batch;
  return interactive + Math.min(batch, Math.floor(interactive / pool.spec.limits.interactiveBurst));
}
