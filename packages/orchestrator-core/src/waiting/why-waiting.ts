// SPDX-License-Identifier: MIT
import type { Pool } from '../pool/pool.ts';
import type { QueueHold } from '../queue/task-queue.ts';

/** Why a job that was given out waits beside the line. */
export type BesideReason = 'engine_return' | 'empty_replica';

/** Everything a task can wait for; a closed set. */
export type WaitReason =
  | QueueHold
  | BesideReason
  | 'slot'
  | 'earlier_tasks'
  | 'session_turn'
  | 'pool_paused'
  | 'fair_share'
  | 'key_concurrency'
  | 'pool_draining'
  | 'model_load'
  | 'no_ready_replica';

/** What a waiting task waits for, in words and numbers. */
export interface WaitingFor {
  readonly reason: WaitReason;
  /** One plain sentence. */
  readonly message: string;
  /** What would end the wait. */
  readonly cure: string;
  readonly tasksAhead?: number;
  readonly slots?: number;
  readonly slotsBusy?: number;
}

/** What is known of the wait. */
export interface WaitFacts {
  /** Tasks that start before it; undefined beside the line. */
  readonly position: number | undefined;
  /** Why the queue passes it over; undefined when it does not. */
  readonly hold: WaitReason | undefined;
  /** Why it waits beside the line; undefined in it. */
  readonly beside: BesideReason | undefined;
}

interface Words {
  readonly message: string;
  readonly cure: string;
}

/** ORCH-1281: reasons that need no number, each with what would cure it. */
const WORDS: Readonly<Record<Exclude<WaitReason, 'earlier_tasks' | 'slot'>, Words>> = {
  session_turn: {
    message: 'An earlier turn of its session has not ended.',
    cure: 'It starts after the earlier turn has ended or is canceled.',
  },
  pool_paused: { message: 'The queue of its pool is paused.', cure: 'Resume the queue of the pool.' },
  pool_draining: { message: 'Its pool is being drained.', cure: 'Resume the pool.' },
  fair_share: { message: 'Tasks of other keys have their turn.', cure: 'Its turn comes as the others start.' },
  key_concurrency: {
    message: 'Its key runs as many tasks as it may.',
    cure: 'It starts after a running task of the key has ended; the key file sets the number.',
  },
  model_load: {
    message: 'No replica of its pool has loaded the model yet.',
    cure: 'It starts once a replica is ready.',
  },
  no_ready_replica: {
    message: 'Every replica of its pool has failed.',
    cure: 'The health of the pool says why; it starts once a replica is ready again.',
  },
  engine_return: {
    message: 'Its replay needs the engine on which it began, and none is ready.',
    cure: 'It starts once a replica with the same engine, version and model is ready.',
  },
  empty_replica: {
    message: 'It is to run alone, and other jobs still run on its replica.',
    cure: 'It starts once they have ended.',
  },
};

/** Why the task waits, the most particular reason first. */
export function whyWaiting(pool: Pool | undefined, { position = 0, hold, beside }: WaitFacts): WaitingFor {
  const slots = pool?.slotCount ?? 0;
  const slotsBusy = pool?.slotsBusy ?? 0;
  const numbers = { tasksAhead: position, slots, slotsBusy };
  const particular = beside ?? hold ?? poolReason(pool);
  if (particular !== undefined && particular !== 'slot' && particular !== 'earlier_tasks') {
    return { reason: particular, ...WORDS[particular], ...numbers };
  }
  if (position === 0) {
    const message = slotsBusy < slots ? 'It starts now.' : `It is next, and all ${slots} slots are taken.`;
    return { reason: 'slot', message, cure: 'It starts once a running job ends or is canceled.', ...numbers };
  }
  const message = position === 1 ? 'One task starts before it.' : `${position} tasks start before it.`;
  const cure = 'It moves up as they start or are canceled; more slots or a higher priority would let it start sooner.';
  return { reason: 'earlier_tasks', message, cure, ...numbers };
}

/** ORCH-1270: what hangs on more than slots cannot be predicted from them. */
export function hangsOnSlots(hold: QueueHold | undefined): boolean {
  return hold === undefined || hold === 'fair_share';
}

function poolReason(pool: Pool | undefined): WaitReason | undefined {
  if (pool?.gate.draining === true) return 'pool_draining';
  // ORCH-1440: its engine is about to be loaded, or gives way to another.
  if (pool?.gate.held === true) return 'model_load';
  if (pool?.state === 'loading') return 'model_load';
  return pool?.state === 'ready' ? undefined : 'no_ready_replica';
}
