// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { budgetRefusal } from '../budget/budget-refusal.ts';
import { lesserOf, NOTHING, type Amounts, type LimitedAmounts } from '../budget/budget.ts';
import { largestUse } from '../budget/task-amounts.ts';
import type { KeyLedger } from '../keys/key-ledger.ts';
import type { Pool } from '../pool/pool.ts';
import type { Clock } from '../ports.ts';
import type { SessionTable, TurnLimit } from '../session/session-table.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { Task } from '../task/task.ts';
import type { Refusal } from './refusal.ts';

/** What shares are taken from. */
export interface SharesOptions {
  readonly clock: Clock;
  readonly keys: KeyLedger;
  readonly sessions: SessionTable;
}

/** Wait told where a session cannot be opened. */
const SESSIONS_FULL_RETRY_MS = 1_000;

/** What a task takes from its key and its session while it waits and runs: both in one step, or neither. */
export class Shares {
  readonly #options: SharesOptions;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** Why the task would be refused by its key's share; changes nothing. */
  refusalOf(task: Task, pool: Pool): Refusal | undefined {
    const retryAfterMs = pool.retryAfterMs;
    return this.#options.keys.refusalOf(task.keyId, this.#reservedFor(task, pool), retryAfterMs);
  }

  /** Why the task would be refused by its key's share or its session; changes nothing. */
  whyNot(task: Task, pool: Pool): Refusal | undefined {
    const { sessions, clock } = this.#options;
    const refusal = this.refusalOf(task, pool);
    if (refusal !== undefined || task.sessionId === undefined) return refusal;
    const limit = sessions.limitOf(task.sessionId, this.#reservedFor(task, pool), clock.nowMs());
    return limit === undefined ? undefined : turnRefusal(limit, this.remaining(task));
  }

  /** Takes what the task may use, or tells why it cannot. */
  take(record: TaskRecord, pool: Pool): Refusal | undefined {
    const { keys, sessions, clock } = this.#options;
    const { task } = record;
    if (hasNoLimits(task)) return undefined;
    const refusal = this.refusalOf(task, pool);
    if (refusal !== undefined) return refusal;
    const reserved = this.#reservedFor(task, pool);
    if (task.sessionId !== undefined) {
      const turn = sessions.openTurn(task.sessionId, reserved, clock.nowMs());
      if (turn.outcome === 'refused') return turnRefusal(turn.limit, this.remaining(task));
      record.turn = turn.turn;
    }
    record.share = keys.take(task.keyId, reserved);
    return undefined;
  }

  /** The task that was admitted by another process takes them again; no limit is asked. */
  resume(record: TaskRecord, pool: Pool | undefined): void {
    const { keys, sessions, clock } = this.#options;
    const { task } = record;
    const reserved = pool === undefined ? NOTHING : this.#reservedFor(task, pool);
    if (task.sessionId !== undefined) record.turn = sessions.resumeTurn(task.sessionId, reserved, clock.nowMs());
    record.share = keys.take(task.keyId, reserved);
  }

  /** The task was not admitted. */
  takeBack({ turn, share }: TaskRecord): void {
    if (turn !== undefined) this.#options.sessions.takeBackTurn(turn);
    if (share !== undefined) this.#options.keys.takeBack(share);
  }

  /** What is left of the budgets of the task's key and session; empty where there are none. */
  remaining({ keyId, sessionId }: Task): LimitedAmounts {
    const { keys, sessions, clock } = this.#options;
    const session = sessionId === undefined ? undefined : sessions.get(sessionId, clock.nowMs());
    return lesserOf(session?.remaining ?? {}, keys.remaining(keyId));
  }

  #reservedFor(task: Task, pool: Pool): Amounts {
    return hasNoLimits(task) ? NOTHING : largestUse(task, pool.bounds);
  }
}

function hasNoLimits({ keyId, sessionId }: Task): boolean {
  return keyId === undefined && sessionId === undefined;
}

function turnRefusal(limit: TurnLimit, left: LimitedAmounts): Refusal {
  if (limit === 'turns') return { error: new OrchError('SESSION_LIMIT', { details: { field: '$.session_id' } }) };
  if (limit !== 'sessions') {
    return budgetRefusal({ of: 'session', kind: limit, remaining: left[limit] ?? 0, retryAfterMs: undefined });
  }
  const error = new OrchError('ADMISSION_REJECT', {
    message: 'Too many sessions are open.',
    retryAfterMs: SESSIONS_FULL_RETRY_MS,
    details: { field: '$.session_id' },
  });
  return { error, policyLabel: 'sessions' };
}
