// SPDX-License-Identifier: MIT
import { clearDevices, type Clearance } from './clear-devices.ts';
import { dueTimes, type LoadNeed } from './due-times.ts';
import { SwapBoard } from './swap-board.ts';
import type {
  PlannedHold,
  PlannedLoad,
  PlannedUnload,
  PlannedWait,
  SwapPlan,
  SwapPool,
  SwapReplica,
  SwapSituation,
} from './swap-situation.ts';

/** How soon a need that is not met is looked at again while nothing of ours happens: strangers may have freed memory. */
const RECHECK_MS = 5_000;

/**
 * What to load, unload and hold back now. Pure: the same situation gives the same plan.
 *
 * Busy and pinned replicas are never unloaded. A pool with waiting work gets its devices from idle pools, least recently used first, and
 * from pools with work only when its oldest task has waited for `maxWaitMs`: these are held until what runs has ended.
 */
export function planSwap(situation: SwapSituation): SwapPlan {
  const draft = new Draft(situation);
  draft.endUnwanted();
  draft.endIdle();
  draft.placeNeeds();
  draft.fillUp();
  return draft.plan();
}

class Draft {
  readonly #board: SwapBoard;
  readonly #pools: readonly SwapPool[];
  readonly #loads: PlannedLoad[] = [];
  readonly #unloads: PlannedUnload[] = [];
  readonly #holds = new Map<string, PlannedHold>();
  readonly #waits: PlannedWait[] = [];
  #nextCheckAtMs = Infinity;

  constructor(situation: SwapSituation) {
    this.#board = new SwapBoard(situation);
    this.#pools = situation.pools;
  }

  /** ORCH-1446 */
  endUnwanted(): void {
    for (const replica of this.#board.replicas) {
      const { waitingCount, runningCount, isWanted } = this.#board.poolOf(replica);
      // A load that has just succeeded may have its first job before its end is known here.
      if (replica.state !== 'loading' || waitingCount + runningCount > 0 || isWanted) continue;
      this.#unload(replica, 'unwanted', 'Nothing waits for it any more.');
    }
  }

  /** ORCH-1444 */
  endIdle(): void {
    for (const replica of this.#board.replicas) {
      const { idleUnloadMs, isPinned, runningCount, waitingCount } = this.#board.poolOf(replica);
      const isUsed = isPinned || runningCount > 0 || waitingCount > 0;
      if (replica.state !== 'loaded' || idleUnloadMs === undefined || isUsed) continue;
      const endMs = this.#board.idleSinceMs(replica) + idleUnloadMs;
      if (this.#board.nowMs < endMs) this.#checkAt(endMs);
      else this.#unload(replica, 'idle', `No work for ${idleUnloadMs} ms.`);
    }
  }

  placeNeeds(): void {
    const needs = this.#needs();
    const due = dueTimes(this.#board, needs);
    for (const [index, need] of needs.entries()) this.#place(need, due[index] ?? Infinity);
  }

  /** Further replicas of a pool that needs more, where nobody has to go for them. */
  fillUp(): void {
    for (const pool of this.#pools) {
      const isServed = this.#replicasOf(pool, pool.isWanted ? ['loading', 'loaded'] : ['loaded']) !== undefined;
      if (!isServed || (pool.waitingCount === 0 && !pool.isWanted)) continue;
      for (const replica of this.#replicasOf(pool, ['unloaded']) ?? []) {
        const best = this.#cheapest(replica, false);
        if (best?.obstacle === undefined && best?.evict.length === 0) {
          this.#load(replica, best, `${whyNeeded(pool)}, and there is room.`);
        }
      }
    }
  }

  plan(): SwapPlan {
    const [loads, unloads, holds, waits] = [this.#loads, this.#unloads, [...this.#holds.values()], this.#waits];
    const next = Number.isFinite(this.#nextCheckAtMs) ? { nextCheckAtMs: this.#nextCheckAtMs } : {};
    return { loads, unloads, holds, waits, ...next };
  }

  /** Pools that nothing serves and somebody wants, the oldest waiting task first. */
  #needs(): readonly LoadNeed[] {
    return this.#pools
      .filter((pool) => pool.waitingCount > 0 || pool.isWanted)
      .filter((pool) => this.#replicasOf(pool, ['loading', 'loaded']) === undefined)
      .flatMap((pool) => {
        const replicas = this.#replicasOf(pool, ['unloaded']);
        return replicas === undefined ? [] : [{ pool, replicas }];
      })
      .sort((a, b) => (a.pool.oldestWaitingSinceMs ?? Infinity) - (b.pool.oldestWaitingSinceMs ?? Infinity) || 0);
  }

  #place({ pool, replicas }: LoadNeed, dueAtMs: number): void {
    const isDue = this.#board.nowMs >= dueAtMs;
    const ways = replicas.flatMap((replica) => {
      const best = this.#cheapest(replica, isDue);
      return best === undefined ? [] : [{ replica, best }];
    });
    const way = ways.sort((a, b) => costOf(a.best) - costOf(b.best))[0];
    if (way === undefined) {
      this.#checkAt(this.#board.nowMs + RECHECK_MS);
      return;
    }
    const { replica, best } = way;
    const because = isDue ? `${whyNeeded(pool)} for as long as it may wait` : whyNeeded(pool);
    for (const other of [...best.drain, ...best.evict]) this.#hold(other, pool, because);
    for (const other of best.evict) this.#unload(other, 'evicted', `${because}.`);
    if (best.obstacle === undefined && best.drain.length === 0) this.#load(replica, best, `${because}.`);
    else {
      this.#waits.push({ poolId: pool.poolId, reason: best.obstacle ?? `${namesOf(best.drain)} ends what it runs.` });
      // ORCH-1443: what has been cleared so far is not given to anybody else.
      if (isDue) this.#board.reserve(best.devices);
      for (const atMs of [dueAtMs, ...this.#changeTimes(replica)]) if (atMs > this.#board.nowMs) this.#checkAt(atMs);
      this.#checkAt(this.#board.nowMs + RECHECK_MS);
    }
  }

  /** The set of devices on which fewest have to go. */
  #cheapest(replica: SwapReplica, isDue: boolean): Clearance | undefined {
    return replica.sets
      .map((devices) => clearDevices(this.#board, { replica, devices, isDue }))
      .sort((a, b) => costOf(a) - costOf(b) || this.#freeBytes(b) - this.#freeBytes(a))[0];
  }

  #freeBytes({ devices }: Clearance): number {
    return devices.reduce((sum, device) => sum + (this.#board.freeBytes(device) ?? 0), 0);
  }

  /** When those in the way may stand differently. */
  #changeTimes(replica: SwapReplica): readonly number[] {
    return this.#board
      .occupants(replica, replica.sets.flat())
      .filter(({ state }) => state === 'loaded')
      .map((other) => this.#board.changesAtMs(other));
  }

  #hold(other: SwapReplica, forPool: SwapPool, because: string): void {
    const { poolId } = other;
    this.#holds.set(poolId, { poolId, forPoolId: forPool.poolId, reason: `${because}.` });
  }

  #load(replica: SwapReplica, { devices }: Clearance, reason: string): void {
    this.#board.markLoading(replica, devices);
    this.#loads.push({ replicaId: replica.replicaId, devices, reason });
  }

  #unload(replica: SwapReplica, cause: PlannedUnload['cause'], reason: string): void {
    this.#board.markLeaving(replica);
    this.#unloads.push({ replicaId: replica.replicaId, cause, reason });
  }

  #checkAt(atMs: number): void {
    this.#nextCheckAtMs = Math.min(this.#nextCheckAtMs, atMs);
  }

  /** Its replicas in one of the states; undefined when there is none. */
  #replicasOf(pool: SwapPool, states: readonly SwapReplica['state'][]): readonly SwapReplica[] | undefined {
    const found = this.#board.replicas.filter(({ poolId, state }) => poolId === pool.poolId && states.includes(state));
    return found.length === 0 ? undefined : found;
  }
}

/** What it costs others: a drain more than any number of evictions, an obstacle more than both. */
function costOf({ obstacle, drain, evict }: Clearance): number {
  return (obstacle === undefined ? 0 : 1e6) + drain.length * 1e3 + evict.length;
}

function whyNeeded({ poolId, waitingCount }: SwapPool): string {
  return waitingCount > 0 ? `${poolId} has waiting work` : `${poolId} is to be loaded`;
}

function namesOf(replicas: readonly SwapReplica[]): string {
  return [...new Set(replicas.map(({ poolId }) => poolId))].join(', ');
}
