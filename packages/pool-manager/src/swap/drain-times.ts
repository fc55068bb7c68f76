// SPDX-License-Identifier: MIT
import type { Clock, PoolDemand, PoolId } from '@llama-orch/orchestrator-core';

/** How fast a slow drain is forgotten. */
const DECAY_RATIO = 0.9;

/** How long pools take to end what they run: measured while they are held, and believed before the first time. */
export class DrainTimes {
  readonly #clock: Clock;
  readonly #sinceMs = new Map<PoolId, number>();
  readonly #measuredMs = new Map<PoolId, number>();
  readonly #believedMs = new Map<PoolId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How a pool is now; called at every look. */
  note(poolId: PoolId, isHeld: boolean, { runningCount, drainMs }: Pick<PoolDemand, 'runningCount' | 'drainMs'>): void {
    if (drainMs !== undefined) this.#believedMs.set(poolId, drainMs);
    const sinceMs = this.#sinceMs.get(poolId);
    if (isHeld && runningCount > 0) {
      this.#sinceMs.set(poolId, sinceMs ?? this.#clock.nowMs());
      return;
    }
    this.#sinceMs.delete(poolId);
    if (sinceMs === undefined || !isHeld) return;
    const before = this.#measuredMs.get(poolId) ?? 0;
    this.#measuredMs.set(poolId, Math.max(this.#clock.nowMs() - sinceMs, before * DECAY_RATIO));
  }

  /** Milliseconds; the worse of both, since too early a hold costs a little throughput and too late a one breaks the bound. */
  of(poolId: PoolId): number {
    return Math.max(this.#measuredMs.get(poolId) ?? 0, this.#believedMs.get(poolId) ?? 0);
  }
}
