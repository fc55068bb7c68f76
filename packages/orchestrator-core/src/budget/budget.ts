// SPDX-License-Identifier: MIT

/** What a task uses up, or may; whole numbers, so that sums stay exact. */
export interface Amounts {
  /** Tokens, read and written. */
  readonly tokens: number;
  /** Time of engines, in milliseconds. */
  readonly timeMs: number;
  /** Millionths of the currency unit. */
  readonly costMicros: number;
}

/** One of the things a budget may limit. */
export type BudgetKind = keyof Amounts;

/** Amounts of those kinds alone that are limited. */
export type LimitedAmounts = Partial<Amounts>;

/** An account: what may be spent, what is promised to tasks that have not ended, what is gone. A value; never changed. */
export interface Budget {
  readonly limits: LimitedAmounts;
  readonly reserved: Amounts;
  readonly spent: Amounts;
}

/** No use at all. */
export const NOTHING: Amounts = { tokens: 0, timeMs: 0, costMicros: 0 };

/** All kinds, in the order in which the first lacking one is named. */
export const BUDGET_KINDS = ['tokens', 'timeMs', 'costMicros'] as const satisfies readonly BudgetKind[];

/** A budget of which so much is gone already. */
export function openBudget(limits: LimitedAmounts, spent: Amounts = NOTHING): Budget {
  return { limits, reserved: NOTHING, spent };
}

/** What can still be reserved of each limited kind; never below 0. */
export function remainingOf({ limits, reserved, spent }: Budget): LimitedAmounts {
  const remaining: { -readonly [kind in BudgetKind]?: number } = {};
  for (const kind of BUDGET_KINDS) {
    const limit = limits[kind];
    if (limit !== undefined) remaining[kind] = Math.max(0, limit - reserved[kind] - spent[kind]);
  }
  return remaining;
}

/** The first kind of which less than `amounts` is left; undefined when all can be reserved. */
export function lackingKind(budget: Budget, amounts: Amounts): BudgetKind | undefined {
  const remaining = remainingOf(budget);
  return BUDGET_KINDS.find((kind) => amounts[kind] > (remaining[kind] ?? Infinity));
}

/** Sets `amounts` aside; only after {@link lackingKind} found nothing lacking, or for a task admitted before. */
export function reserve(budget: Budget, amounts: Amounts): Budget {
  return { ...budget, reserved: plus(budget.reserved, amounts) };
}

/**
 * Ends a reservation: `used` is spent, the rest of `reserved` is free again. Call once per reservation. Use above the
 * reservation is recorded as it was, and leaves less for the next.
 */
export function settle(budget: Budget, reserved: Amounts, used: Amounts): Budget {
  return { ...budget, reserved: minus(budget.reserved, reserved), spent: plus(budget.spent, used) };
}

/** The lesser of two remainders, kind by kind; a kind that neither limits is left out. */
export function lesserOf(a: LimitedAmounts, b: LimitedAmounts): LimitedAmounts {
  const lesser: { -readonly [kind in BudgetKind]?: number } = {};
  for (const kind of BUDGET_KINDS) {
    const least = Math.min(a[kind] ?? Infinity, b[kind] ?? Infinity);
    if (least !== Infinity) lesser[kind] = least;
  }
  return lesser;
}

function plus(a: Amounts, b: Amounts): Amounts {
  return { tokens: a.tokens + b.tokens, timeMs: a.timeMs + b.timeMs, costMicros: a.costMicros + b.costMicros };
}

function minus(a: Amounts, b: Amounts): Amounts {
  return { tokens: a.tokens - b.tokens, timeMs: a.timeMs - b.timeMs, costMicros: a.costMicros - b.costMicros };
}
