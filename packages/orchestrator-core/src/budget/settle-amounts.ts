// SPDX-License-Identifier: MIT
import type { Conclusion } from '../task/conclusion.ts';
import type { TaskRecord } from '../task/task-record.ts';
import { costMicros } from './task-amounts.ts';
import type { Amounts } from './budget.ts';

/**
 * What a task has used up when it ends so: tokens as its engine counted them, or as it gave them where it did not come to
 * count; the time of all its executions; and the cost of the tokens at the price of its pool.
 */
export function settleAmounts({ engineMs }: TaskRecord, { usage, result, tokensOut }: Conclusion): Amounts {
  const tokensIn = usage?.tokensIn ?? 0;
  const out = usage?.tokensOut ?? Math.max(tokensOut, result?.acceptedTokens ?? 0);
  const price = result?.place.pool.spec.price;
  return { tokens: tokensIn + out, timeMs: Math.ceil(engineMs), costMicros: costMicros(price, tokensIn, out) };
}
