// SPDX-License-Identifier: MIT
import type { Clock, PoolId } from '@llama-orch/orchestrator-core';

/** How fast a slow drain is forgotten. */
const DECAY_RATIO = 0.9;

/** Measures how long pools take to end what they run once they are held. */
export class DrainTimes {
  readonly #clock: Clock;
  readonly #sinceMs = new Map<PoolId, number>();
  readonly #drainMs = new Map<PoolId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How a pool is now; called at every change. */
  note(poolId: PoolId, isHeld: boolean, runningCount: number): void {
    const sinceMs = this.#sinceMs.get(poolId);
    if (isHeld && runningCount > 0) {
      this.#sinceMs.set(poolId, sinceMs ?? this.#clock.nowMs());
      return;
    }
    this.#sinceMs.delete(poolId);
    if (sinceMs === undefined || !isHeld) return;
    // The longest of late: too early a hold costs a little throughput, too late a one breaks the bound.
    this.#drainMs.set(poolId, Math.max(this.#clock.nowMs() - sinceMs, this.of(poolId) * DECAY_RATIO));
  }

  /** Milliseconds; 0 before the first time. */
  of(poolId: PoolId): number {
    return this.#drainMs.get(poolId) ?? 0;
  }
}
