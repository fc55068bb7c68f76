// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Refusal } from '../admission/refusal.ts';
import type { BudgetKind } from './budget.ts';

/** A budget that does not hold what a task may use. */
export interface LackingBudget {
  readonly of: 'session' | 'key';
  readonly kind: BudgetKind;
  readonly remaining: number;
  /** When it is full again, in milliseconds; undefined when it never is. */
  readonly retryAfterMs: number | undefined;
}

/** Wait told where no time makes it better: a client that goes on asking shall at least ask seldom. */
const NEVER_BETTER_MS = 60_000;

const NAMES: Readonly<Record<BudgetKind, { readonly name: string; readonly unit: string }>> = {
  tokens: { name: 'tokens', unit: 'tokens' },
  timeMs: { name: 'time', unit: 'ms' },
  costMicros: { name: 'cost', unit: 'micros' },
};

/** ORCH-1311: names the budget that is short, and what is left of it. */
export function budgetRefusal({ of, kind, remaining, retryAfterMs }: LackingBudget): Refusal {
  const { name, unit } = NAMES[kind];
  const field = kind === 'tokens' ? '$.max_tokens' : '$';
  const details = { field, budget: `${of}_${name}`, limit: remaining, unit };
  return {
    error: new OrchError('BUDGET_EXHAUSTED', { retryAfterMs: Math.ceil(retryAfterMs ?? NEVER_BETTER_MS), details }),
    policyLabel: `${of}_budget`,
  };
}
