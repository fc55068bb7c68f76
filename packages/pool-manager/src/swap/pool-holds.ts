// SPDX-License-Identifier: MIT
import type { PoolId } from '@llama-orch/orchestrator-core';
import type { PlannedHold } from './swap-situation.ts';
import type { SwapperOptions } from './swapper-api.ts';

/** The pools that the swapper holds, each told to the demand once. */
export class PoolHolds {
  readonly #demand: SwapperOptions['demand'];
  /** Undefined while a replica of it is being unloaded for another reason than a pool that waits. */
  readonly #held = new Map<PoolId, PlannedHold | undefined>();

  constructor(demand: SwapperOptions['demand']) {
    this.#demand = demand;
  }

  has(poolId: PoolId): boolean {
    return this.#held.has(poolId);
  }

  reasonOf(poolId: PoolId): string | undefined {
    return this.#held.get(poolId)?.reason;
  }

  /** The pool for which it is held. */
  heldFor(poolId: PoolId): PoolId | undefined {
    return this.#held.get(poolId)?.forPoolId;
  }

  /** Holds what is planned and what is leaving, and releases the rest. */
  apply(planned: readonly PlannedHold[], leaving: readonly PoolId[]): void {
    const kept = new Set([...planned.map(({ poolId }) => poolId), ...leaving]);
    for (const poolId of this.#held.keys()) if (!kept.has(poolId)) this.release(poolId);
    for (const poolId of leaving) this.hold(poolId);
    for (const hold of planned) {
      this.hold(hold.poolId);
      this.#held.set(hold.poolId, hold);
    }
  }

  hold(poolId: PoolId): void {
    if (this.#held.has(poolId)) return;
    this.#demand.holdPool(poolId, true);
    this.#held.set(poolId, undefined);
  }

  release(poolId: PoolId): void {
    if (!this.#held.delete(poolId)) return;
    const isThere = this.#demand.demand().some((pool) => pool.poolId === poolId);
    if (isThere) this.#demand.holdPool(poolId, false);
  }

  /** The others are somebody else's from now on. */
  keepOnly(poolIds: readonly PoolId[]): void {
    for (const poolId of this.#held.keys()) if (!poolIds.includes(poolId)) this.release(poolId);
  }

  releaseAll(): void {
    for (const poolId of this.#held.keys()) this.release(poolId);
  }
}
