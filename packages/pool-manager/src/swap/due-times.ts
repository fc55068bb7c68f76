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
  for (let at = needs.length - 1; at >= 0; at -= 1) {
    for (let after = at + 1; after < needs.length; after += 1) {
      const [mine, theirs] = [needs[at], needs[after]];
      if (mine === undefined || theirs === undefined || !compete(mine, theirs)) continue;
      const turnMs = 2 * mine.pool.loadMs + mine.pool.drainMs;
      due[at] = Math.min(due[at] ?? Infinity, (due[after] ?? Infinity) - turnMs);
    }
  }
  return due;
}

function latestStartMs(board: SwapBoard, { pool, replicas }: LoadNeed): number {
  if (pool.oldestWaitingSinceMs === undefined) return Infinity;
  const inTheWay = board.replicas.filter(
    (other) => other.state === 'loaded' && replicas.some((replica) => overlap(replica.sets, other)),
  );
  const drains = inTheWay.map((other) => board.poolOf(other)).filter(({ isPinned }) => !isPinned);
  // ORCH-1443: the work of the loaded pools ends before the bound, not after it.
  const leadMs = Math.max(0, ...drains.map(({ runningCount, drainMs }) => (runningCount > 0 ? drainMs : 0)));
  return pool.oldestWaitingSinceMs + pool.maxWaitMs - leadMs;
}

function compete(one: LoadNeed, other: LoadNeed): boolean {
  const devices = new Set(one.replicas.flatMap(({ sets }) => sets.flat()));
  return other.replicas.some(({ sets }) => sets.flat().some((device) => devices.has(device)));
}

function overlap(sets: SwapReplica['sets'], { devices = [] }: SwapReplica): boolean {
  return sets.some((set) => set.some((device) => devices.includes(device)));
}
