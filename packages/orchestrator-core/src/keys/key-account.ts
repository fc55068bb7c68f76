// SPDX-License-Identifier: MIT
import {
  lackingKind,
  openBudget,
  remainingOf,
  reserve,
  settle,
  type Amounts,
  type Budget,
  type BudgetKind,
  type LimitedAmounts,
} from '../budget/budget.ts';
import type { KeptKey } from '../store/task-store.ts';
import type { KeySpec } from './key-spec.ts';
import { TokenBucket } from './token-bucket.ts';

/** What one key has used of its share. Time comes in as an argument. */
export class KeyAccount {
  readonly spec: KeySpec;
  /** Its tasks that wait now, or are about to. */
  waitingCount = 0;
  readonly #bucket: TokenBucket | undefined;
  #budget: Budget;
  #periodEndsAtMs: number;

  /** `before`: the account of the same key under other limits. */
  constructor(spec: KeySpec, nowMs: number, before?: KeyAccount) {
    this.spec = spec;
    this.#bucket = before !== undefined && isSameRate(spec, before.spec) ? before.#bucket : bucketOf(spec);
    this.waitingCount = before?.waitingCount ?? 0;
    const { periodMs, ...limits } = spec.budget ?? {};
    this.#budget = before === undefined ? openBudget(limits) : { ...before.#budget, limits };
    const isSamePeriod = before !== undefined && before.spec.budget?.periodMs === periodMs;
    this.#periodEndsAtMs = isSamePeriod ? before.#periodEndsAtMs : nowMs + (periodMs ?? Infinity);
  }

  /** Goes on with what another process has kept. */
  restore({ used, periodMsRemaining }: KeptKey, nowMs: number): void {
    this.#budget = { ...this.#budget, spent: used };
    if (this.spec.budget?.periodMs === undefined) return;
    this.#periodEndsAtMs = nowMs + Math.min(this.spec.budget.periodMs, periodMsRemaining ?? Infinity);
    this.#startPeriods(nowMs);
  }

  /** What must outlive the process. */
  kept(nowMs: number): KeptKey {
    const { id, budget } = this.spec;
    const period = budget?.periodMs === undefined ? {} : { periodMsRemaining: this.#periodEndsAtMs - nowMs };
    return { id, used: this.#budget.spent, ...period };
  }

  /** Milliseconds until its next request may pass; 0 when it may now. */
  rateWaitMs(nowMs: number): number {
    return this.#bucket?.waitMs(nowMs) ?? 0;
  }

  /** A request passes. */
  countRequest(nowMs: number): void {
    this.#bucket?.take(nowMs);
  }

  /** The first budget that does not hold so much; undefined when all do. */
  lacking(amounts: Amounts, nowMs: number): BudgetKind | undefined {
    this.#startPeriods(nowMs);
    return lackingKind(this.#budget, amounts);
  }

  /** Milliseconds until the budget is full again; undefined when it never is. */
  periodMsRemaining(nowMs: number): number | undefined {
    return this.#periodEndsAtMs === Infinity ? undefined : this.#periodEndsAtMs - nowMs;
  }

  /** What is left of its budget; empty without one. */
  remaining(nowMs: number): LimitedAmounts {
    this.#startPeriods(nowMs);
    return remainingOf(this.#budget);
  }

  /** Sets aside what a task may use. */
  reserve(amounts: Amounts): void {
    this.#budget = reserve(this.#budget, amounts);
  }

  /** A task has ended. */
  settle(reserved: Amounts, used: Amounts, nowMs: number): void {
    this.#startPeriods(nowMs);
    this.#budget = settle(this.#budget, reserved, used);
  }

  #startPeriods(nowMs: number): void {
    const periodMs = this.spec.budget?.periodMs;
    if (periodMs === undefined || nowMs < this.#periodEndsAtMs) return;
    this.#periodEndsAtMs += (Math.floor((nowMs - this.#periodEndsAtMs) / periodMs) + 1) * periodMs;
    this.#budget = { ...this.#budget, spent: { tokens: 0, timeMs: 0, costMicros: 0 } };
  }
}

function isSameRate(a: KeySpec, b: KeySpec): boolean {
  return a.requestsPerMinute === b.requestsPerMinute && a.burst === b.burst;
}

/** New tasks at once after a pause, where a key's own figure is absent. */
export function burstOf(requestsPerMinute: number): number {
  return Math.max(1, Math.ceil(requestsPerMinute / 10));
}

function bucketOf({ requestsPerMinute, burst }: KeySpec): TokenBucket | undefined {
  if (requestsPerMinute === undefined) return undefined;
  return new TokenBucket(requestsPerMinute, burst ?? burstOf(requestsPerMinute));
}
