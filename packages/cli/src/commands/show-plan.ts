// SPDX-License-Identifier: MIT
import type { TaskPlan, TaskRequest } from '@llama-orch/client';
import type { ExitReason } from '../exit-codes.ts';
import type { CommandContext } from '../run-cli.ts';
import { formatDuration } from '../terminal/format-duration.ts';

/** `run --dry-run`: what would become of the task; fails as the submit would. */
export async function showPlan({ client, printer }: CommandContext, request: TaskRequest): Promise<ExitReason> {
  const plan = await client.plan(request);
  printer.answer(plan, describePlan(plan));
  if (plan.admitted) return 'ok';
  return plan.problem?.retriable === true ? 'refusedForNow' : 'refused';
}

function describePlan(plan: TaskPlan): readonly string[] {
  const { predicted_start_ms: startMs, on_time_probability: chance, problem } = plan;
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['pool', plan.pool_id && `${plan.pool_id} (${plan.pool_reason ?? 'accepted before'})`],
    ['replica', plan.placement && `${plan.placement.replica_id} (${plan.placement.reason ?? 'chosen'})`],
    ['position', plan.queue_position],
    ['starts in', startMs === undefined ? undefined : formatDuration(startMs)],
    ['in time with', chance === undefined ? undefined : `${Math.round(chance * 100)} %`],
    ['cure', plan.waiting_for?.cure],
    ['refusal', problem?.code],
    ['retry in', problem?.retry_after_ms === undefined ? undefined : formatDuration(problem.retry_after_ms)],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(13)}  ${value}`]));
  return [`${plan.admitted ? 'would be admitted' : 'would be refused'}: ${plan.reason}`, ...lines];
}
