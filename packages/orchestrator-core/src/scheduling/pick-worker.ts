// SPDX-License-Identifier: MIT
import type { ReplicaId } from '../task/ids.ts';

/** A replica as placement sees it. */
export interface WorkerCandidate {
  readonly replicaId: ReplicaId;
  readonly ready: boolean;
  readonly slots: number;
  readonly slotsBusy: number;
  /** Free slots that other sessions used a moment ago and are likely to come back to; default 0. */
  readonly slotsLingering?: number;
  /** Devices the replica runs on; undefined when unknown. */
  readonly devices?: readonly string[];
  /** Undefined when unknown, which ranks below any known figure. */
  readonly freeVramBytes?: number | undefined;
}

/** What the job asks of its place. */
export interface PlacementWish {
  /** Replica that holds the session's context memory. */
  readonly affinity?: ReplicaId | undefined;
  /** The only devices the job may run on; undefined = any. */
  readonly deviceMask?: readonly string[];
}

/** Why a replica could not be chosen. */
export type ExclusionReason = 'not_ready' | 'device_mask' | 'no_free_slot';

/** What decided between the replicas that could take the job. */
export type PlacementReason =
  | 'only_candidate'
  | 'session_affinity'
  | 'spares_lingering_session'
  | 'most_free_vram'
  | 'fewest_busy_slots'
  | 'replica_id';

/** A replica that could not be chosen, and why. */
export interface Exclusion {
  readonly replicaId: ReplicaId;
  readonly reason: ExclusionReason;
}

/** The choice, explained. */
export type Placement =
  | {
      readonly outcome: 'picked';
      readonly replicaId: ReplicaId;
      readonly reason: PlacementReason;
      readonly excluded: readonly Exclusion[];
    }
  | { readonly outcome: 'none'; readonly excluded: readonly Exclusion[] };

/** Negative when `a` is the better place. */
type Criterion = (a: WorkerCandidate, b: WorkerCandidate, wish: PlacementWish) => number;

/** ORCH-3101: in this order; the first that tells two replicas apart decides. */
const CRITERIA: readonly (readonly [PlacementReason, Criterion])[] = [
  ['session_affinity', (a, b, { affinity }) => Number(b.replicaId === affinity) - Number(a.replicaId === affinity)],
  // ORCH-1302: a slot that a session has just left goes to another one only when no other slot is free.
  ['spares_lingering_session', (a, b) => Number(hasSpareSlot(b)) - Number(hasSpareSlot(a))],
  ['most_free_vram', (a, b) => (b.freeVramBytes ?? -1) - (a.freeVramBytes ?? -1)],
  ['fewest_busy_slots', (a, b) => a.slotsBusy - b.slotsBusy],
  ['replica_id', (a, b) => (a.replicaId < b.replicaId ? -1 : 1)],
];

/**
 * Chooses the replica for a job. Pure: the same candidates in any order give the same choice and the same reason.
 *
 * The reason is the first criterion that tells the chosen replica from the second best.
 */
export function pickWorker(candidates: readonly WorkerCandidate[], wish: PlacementWish = {}): Placement {
  const excluded: Exclusion[] = [];
  let best: WorkerCandidate | undefined;
  let second: WorkerCandidate | undefined;
  for (const candidate of candidates) {
    const reason = exclusionOf(candidate, wish);
    if (reason !== undefined) excluded.push({ replicaId: candidate.replicaId, reason });
    else if (best === undefined) best = candidate;
    else if (decide(candidate, best, wish).order < 0) [best, second] = [candidate, best];
    else if (second === undefined || decide(candidate, second, wish).order < 0) second = candidate;
  }
  if (best === undefined) return { outcome: 'none', excluded };
  const reason = second === undefined ? 'only_candidate' : decide(best, second, wish).reason;
  return { outcome: 'picked', replicaId: best.replicaId, reason, excluded };
}

function exclusionOf(candidate: WorkerCandidate, { deviceMask }: PlacementWish): ExclusionReason | undefined {
  if (!candidate.ready) return 'not_ready';
  // ORCH-3102: a replica whose devices are unknown cannot be shown to respect a mask.
  if (deviceMask !== undefined && !(candidate.devices?.every((device) => deviceMask.includes(device)) ?? false)) {
    return 'device_mask';
  }
  return candidate.slotsBusy >= candidate.slots ? 'no_free_slot' : undefined;
}

function decide(
  a: WorkerCandidate,
  b: WorkerCandidate,
  wish: PlacementWish,
): { readonly order: number; readonly reason: PlacementReason } {
  for (const [reason, compare] of CRITERIA) {
    const order = compare(a, b, wish);
    if (order !== 0) return { order, reason };
  }
  return { order: 0, reason: 'replica_id' };
}

function hasSpareSlot({ slots, slotsBusy, slotsLingering = 0 }: WorkerCandidate): boolean {
  return slots - slotsBusy > slotsLingering;
}
