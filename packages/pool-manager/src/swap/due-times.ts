// SPDX-License-Identifier: MIT
import type { SwapBoard } from './swap-board.ts';
import type { SwapPool, SwapReplica } from './swap-situation.ts';

/** A pool that needs one of its replicas loaded. */
export interface LoadNeed {
  readonly pool: SwapPool;
  /** Its replicas that could be loaded; at least one. */
  readonly replicas: readonly SwapReplica[];
}

/**
 * From when on each need, oldest first, must be served even at the cost of others: early enough that what runs can end, and that those
 * who come after it on the same devices get their turn in time too. Infinity for a need without waiting tasks.
 */
export function dueTimes(board: SwapBoard, needs: readonly LoadNeed[]): readonly number[] {
  const due = needs.map((need) => latestStartMs(board, need));
  const pools = board.replicas.map((replica) => board.poolOf(replica));
  // What is not known of a pool yet is as bad as the worst that is known.
  const [worstLoadMs, worstDrainMs] = [
    max(pools.map(({ loadMs }) => loadMs)),
    max(pools.map(({ drainMs }) => drainMs)),
  ];
  for (let at = needs.length - 1; at >= 0; at -= 1) {
    for (let after = at + 1; after < needs.length; after += 1) {
      const [mine, theirs] = [needs[at], needs[after]];
      if (mine === undefined || theirs === undefined || !compete(mine, theirs)) continue;
      const turnMs = 2 * (mine.pool.loadMs || worstLoadMs) + (mine.pool.drainMs || worstDrainMs);
      due[at] = Math.min(due[at] ?? Infinity, (due[after] ?? Infinity) - turnMs);
    }
  }
  return due;
}

function latestStartMs(board: SwapBoard, { pool, replicas }: LoadNeed): number {
  if (pool.oldestWaitingSinceMs === undefined) return Infinity;
  // What has been begun for it is brought to its end.
  if (board.replicas.some((other) => board.poolOf(other).heldFor === pool.poolId)) return -Infinity;
  const inTheWay = board.replicas.filter(
    (other) => other.state === 'loaded' && replicas.some((replica) => overlap(replica.sets, other)),
  );
  const drains = inTheWay.map((other) => board.poolOf(other)).filter(({ isPinned }) => !isPinned);
  // ORCH-1443: the work of the loaded pools ends before the bound, not after it.
  const leadMs = max(drains.map(({ drainMs }) => drainMs));
  return pool.oldestWaitingSinceMs + pool.maxWaitMs - leadMs;
}

function max(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function compete(one: LoadNeed, other: LoadNeed): boolean {
  const devices = new Set(one.replicas.flatMap(({ sets }) => sets.flat()));
  return other.replicas.some(({ sets }) => sets.flat().some((device) => devices.has(device)));
}

function overlap(sets: SwapReplica['sets'], { devices = [] }: SwapReplica): boolean {
  return sets.some((set) => set.some((device) => devices.includes(device)));
}
