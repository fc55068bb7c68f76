// SPDX-License-Identifier: MIT
import type { Config, Pool } from '@llama-orch/config-schema';
import type { LimitedAmounts, OrchestratorOptions, PoolSpec, QueueLimits } from '@llama-orch/orchestrator-core';

/** Bounds of each pool's queues, in the words of the core. */
export function queueLimits({ queue }: Config): QueueLimits {
  return {
    maxTasks: { interactive: queue.interactive_tasks, batch: queue.batch_tasks },
    maxBytes: queue.queued_bytes,
    fullPolicy: queue.full_policy,
    interactiveBurst: queue.interactive_burst,
  };
}

/** How long sessions live, and what they may use. */
export function sessionRules(config: Config): NonNullable<OrchestratorOptions['sessions']> {
  const { ttl_ms: ttlMs, max_turns: maxTurns, linger_ms: lingerMs } = config.sessions;
  return { ttlMs, maxTurns, lingerMs, ...sessionBudget(config) };
}

function sessionBudget({ sessions }: Config): { readonly budget?: LimitedAmounts } {
  const { token_budget: tokens, time_budget_ms: timeMs, cost_budget_micros: costMicros } = sessions;
  if (tokens === undefined && timeMs === undefined && costMicros === undefined) return {};
  return {
    budget: {
      ...(tokens === undefined ? {} : { tokens }),
      ...(timeMs === undefined ? {} : { timeMs }),
      ...(costMicros === undefined ? {} : { costMicros }),
    },
  };
}

/** What the tokens of a pool cost. */
export function poolPrice({ price }: Pool): Pick<PoolSpec, 'price'> {
  if (price === undefined) return {};
  return { price: { inMicrosPer1k: price.in_micros_per_1k, outMicrosPer1k: price.out_micros_per_1k } };
}
