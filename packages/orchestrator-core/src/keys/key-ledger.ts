// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Refusal } from '../admission/refusal.ts';
import { NOTHING, type Amounts, type LimitedAmounts } from '../budget/budget.ts';
import { budgetRefusal } from '../budget/budget-refusal.ts';
import type { Clock } from '../ports.ts';
import type { KeptKey } from '../store/task-store.ts';
import type { KeyId } from '../task/ids.ts';
import { KeyAccount } from './key-account.ts';
import type { KeySpec } from './key-spec.ts';

/** What a task that has not ended holds of its key's share. */
export interface KeyShare {
  readonly keyId: KeyId;
  readonly reserved: Amounts;
}

/** What the ledger is made with. */
export interface KeyLedgerOptions {
  readonly clock: Clock;
  readonly keys: readonly KeySpec[];
  /** Told of every change that must outlive the process. */
  readonly keep?: (key: KeptKey) => void;
}

/** The keys of a service and what each has used of its share. Callers without a key, or with one that is gone, have no limits. */
export class KeyLedger {
  readonly #options: KeyLedgerOptions;
  #accounts: ReadonlyMap<KeyId, KeyAccount> = new Map();

  constructor(options: KeyLedgerOptions) {
    this.#options = options;
    this.replace(options.keys);
  }

  /** Other keys or limits from now on; what was used stays used. */
  replace(keys: readonly KeySpec[]): void {
    const nowMs = this.#options.clock.nowMs();
    const before = this.#accounts;
    this.#accounts = new Map(keys.map((spec) => [spec.id, new KeyAccount(spec, nowMs, before.get(spec.id))]));
  }

  /** Goes on with what another process has kept; called before the first request. */
  restore(kept: readonly KeptKey[]): void {
    for (const key of kept) this.#accounts.get(key.id)?.restore(key, this.#options.clock.nowMs());
  }

  /** The limits of a key. */
  spec(id: KeyId | undefined): KeySpec | undefined {
    return id === undefined ? undefined : this.#accounts.get(id)?.spec;
  }

  /** The refusal when a request for a new task comes too soon; counts nothing. */
  rateRefusalOf(id: KeyId | undefined): Refusal | undefined {
    const account = this.#find(id);
    return account === undefined ? undefined : rateRefusal(account, this.#options.clock.nowMs());
  }

  /** Counts a request for a new task; the refusal when it comes too soon. */
  countRequest(id: KeyId | undefined): Refusal | undefined {
    const account = this.#find(id);
    if (account === undefined) return undefined;
    const nowMs = this.#options.clock.nowMs();
    const refusal = rateRefusal(account, nowMs);
    if (refusal === undefined) account.countRequest(nowMs);
    return refusal;
  }

  /** Why a task that may use so much would be refused; changes nothing. `retryAfterMs`: when the queue may have moved. */
  refusalOf(id: KeyId | undefined, amounts: Amounts, retryAfterMs: number): Refusal | undefined {
    const account = this.#find(id);
    if (account === undefined) return undefined;
    const { queuedTasks = Infinity } = account.spec;
    if (account.waitingCount >= queuedTasks) return limitRefusal('queued_tasks', queuedTasks, retryAfterMs);
    const nowMs = this.#options.clock.nowMs();
    const kind = account.lacking(amounts, nowMs);
    if (kind === undefined) return undefined;
    const remaining = account.remaining(nowMs)[kind] ?? 0;
    return budgetRefusal({ of: 'key', kind, remaining, retryAfterMs: account.periodMsRemaining(nowMs) });
  }

  /** Takes the share of a task that is about to wait; undefined where its caller has no limits. */
  take(id: KeyId | undefined, reserved: Amounts): KeyShare | undefined {
    const account = this.#find(id);
    if (id === undefined || account === undefined) return undefined;
    account.reserve(reserved);
    account.waitingCount += 1;
    return { keyId: id, reserved };
  }

  /** The task was not admitted. */
  takeBack(share: KeyShare): void {
    this.countWaiting(share, -1);
    this.#settle(share, NOTHING, false);
  }

  /** The task began (+1) or ceased (-1) to wait. */
  countWaiting({ keyId }: KeyShare, change: 1 | -1): void {
    const account = this.#accounts.get(keyId);
    if (account !== undefined) account.waitingCount += change;
  }

  /** The task has ended and used so much. */
  settle(share: KeyShare, used: Amounts): void {
    this.#settle(share, used, true);
  }

  /** What is left of the key's budget; empty without one. */
  remaining(id: KeyId | undefined): LimitedAmounts {
    return this.#find(id)?.remaining(this.#options.clock.nowMs()) ?? {};
  }

  #settle({ keyId, reserved }: KeyShare, used: Amounts, keeps: boolean): void {
    const account = this.#accounts.get(keyId);
    if (account === undefined) return;
    const { clock, keep } = this.#options;
    const nowMs = clock.nowMs();
    account.settle(reserved, used, nowMs);
    if (keeps && account.spec.budget !== undefined) keep?.(account.kept(nowMs));
  }

  #find(id: KeyId | undefined): KeyAccount | undefined {
    return id === undefined ? undefined : this.#accounts.get(id);
  }
}

/** ORCH-1261: a refusal names the limit of the key, and when to come back. */
function rateRefusal(account: KeyAccount, nowMs: number): Refusal | undefined {
  const waitMs = account.rateWaitMs(nowMs);
  return waitMs === 0 ? undefined : limitRefusal('requests_per_minute', account.spec.requestsPerMinute ?? 0, waitMs);
}

function limitRefusal(unit: 'requests_per_minute' | 'queued_tasks', limit: number, retryAfterMs: number): Refusal {
  const error = new OrchError('RATE_LIMITED', { retryAfterMs: Math.ceil(retryAfterMs), details: { limit, unit } });
  return { error, policyLabel: unit };
}
