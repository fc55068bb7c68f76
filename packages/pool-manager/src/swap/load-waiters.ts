// SPDX-License-Identifier: MIT
import type { PoolId } from '@llama-orch/orchestrator-core';

interface Waiter {
  readonly poolId: PoolId;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Operators who wait for a pool to be loaded. */
export class LoadWaiters {
  readonly #waiters = new Set<Waiter>();

  wait(poolId: PoolId): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.add({ poolId, resolve, reject });
    return promise;
  }

  loaded(poolId: PoolId): void {
    for (const { resolve } of this.#take(poolId)) resolve();
  }

  failed(poolId: PoolId, error: unknown): void {
    for (const { reject } of this.#take(poolId)) reject(error);
  }

  failAll(error: unknown): void {
    for (const { poolId } of this.#waiters) this.failed(poolId, error);
  }

  #take(poolId: PoolId): readonly Waiter[] {
    const taken = [...this.#waiters].filter((waiter) => waiter.poolId === poolId);
    for (const waiter of taken) this.#waiters.delete(waiter);
    return taken;
  }
}
