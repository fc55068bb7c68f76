// SPDX-License-Identifier: MIT
import type { LimitedAmounts } from '@llama-orch/orchestrator-core';

/** ORCH-1312: what is left of the budgets that apply. */
export function budgetHeaders(left: LimitedAmounts | undefined): Readonly<Record<string, string>> {
  if (left === undefined) return {};
  const headers: Record<string, string> = {};
  if (left.tokens !== undefined) headers['X-Budget-Tokens-Remaining'] = String(left.tokens);
  if (left.timeMs !== undefined) headers['X-Budget-Time-Remaining-Ms'] = String(left.timeMs);
  if (left.costMicros !== undefined) headers['X-Budget-Cost-Remaining'] = String(left.costMicros);
  return headers;
}
