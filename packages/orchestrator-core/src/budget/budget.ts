// SPDX-License-Identifier: MIT

/** An account of tokens: what may be spent, what is promised to running jobs, what is gone. A value; never changed. */
export interface Budget {
  readonly limitTokens: number;
  readonly reservedTokens: number;
  readonly spentTokens: number;
}

/** An untouched budget. */
export function openBudget(limitTokens: number): Budget {
  return { limitTokens, reservedTokens: 0, spentTokens: 0 };
}

/** What can still be reserved, in tokens; never below 0. */
export function remainingTokens({ limitTokens, reservedTokens, spentTokens }: Budget): number {
  return Math.max(0, limitTokens - reservedTokens - spentTokens);
}

/** Sets `tokens` aside before a job is admitted, or undefined when not so many are left. */
export function reserveTokens(budget: Budget, tokens: number): Budget | undefined {
  // ORCH-3250: what is promised counts as spent until the job settles.
  if (tokens > remainingTokens(budget)) return undefined;
  return { ...budget, reservedTokens: budget.reservedTokens + tokens };
}

/**
 * Ends a reservation: `usedTokens` are spent, the rest of `reservedTokens` is free again. Call once per reservation.
 * Use above the reservation is recorded as it was, and leaves less for the next.
 */
export function settleTokens(budget: Budget, reservedTokens: number, usedTokens: number): Budget {
  return {
    ...budget,
    reservedTokens: budget.reservedTokens - reservedTokens,
    spentTokens: budget.spentTokens + usedTokens,
  };
}
