// SPDX-License-Identifier: MIT
import type { PlacementReason } from '../scheduling/pick-worker.ts';
import type { PoolId, ReplicaId } from '../task/ids.ts';
import type { WaitingFor } from '../waiting/why-waiting.ts';
import type { Refusal } from './refusal.ts';

/** Why a task goes to a pool: it names it, no other fits it, or it is the first that fits. */
export type PoolReason = 'pinned' | 'only_fit' | 'first_fit';

/** What would become of a task if it were submitted now. */
export interface TaskPlan {
  readonly admitted: boolean;
  /** One plain sentence. */
  readonly reason: string;
  readonly poolId?: PoolId;
  readonly poolReason?: PoolReason;
  /** Tasks that would start before it. */
  readonly queuePosition?: number;
  /** Milliseconds from now; left out when it cannot be believed. */
  readonly predictedStartMs?: number;
  /** Only with a deadline; left out likewise. */
  readonly onTimeProbability?: number;
  readonly backoffMs?: number;
  /** Where it would run, when it would start now. */
  readonly placement?: { readonly replicaId: ReplicaId; readonly reason: PlacementReason };
  /** What it would wait for, when it would wait. */
  readonly waitingFor?: WaitingFor;
  /** What a submit would be refused with. */
  readonly refusal?: Refusal;
}
