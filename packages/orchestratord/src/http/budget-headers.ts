// SPDX-License-Identifier: MIT
import type { LimitedAmounts } from '@llama-orch/orchestrator-core';
import type { HeaderList } from './answer.ts';

/** ORCH-1312: what is left of the budgets that apply. */
export function budgetHeaders(left: LimitedAmounts | undefined): HeaderList {
  if (left === undefined) return [];
  const headers: string[] = [];
  if (left.tokens !== undefined) headers.push('X-Budget-Tokens-Remaining', String(left.tokens));
  if (left.timeMs !== undefined) headers.push('X-Budget-Time-Remaining-Ms', String(left.timeMs));
  if (left.costMicros !== undefined) headers.push('X-Budget-Cost-Remaining', String(left.costMicros));
  return headers;
}
