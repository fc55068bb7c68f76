// SPDX-License-Identifier: MIT
import type { PoolId } from '../task/ids.ts';
import type { Lease } from './task-queue.ts';

/** A claim that waits for a task. */
type Answer = (lease: Lease | undefined) => void;

/** Claims that found nothing, in the order in which they came. */
export class WaitingClaims {
  readonly #byPool = new Map<PoolId, Set<Answer>>();

  /** Resolves when the claim is served, or with undefined when `signal` aborts. */
  wait(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    let claims = this.#byPool.get(poolId);
    if (claims === undefined) this.#byPool.set(poolId, (claims = new Set()));
    const { promise, resolve } = Promise.withResolvers<Lease | undefined>();
    const answer: Answer = (lease) => {
      claims.delete(answer);
      signal.removeEventListener('abort', giveUp);
      resolve(lease);
    };
    const giveUp = (): void => answer(undefined);
    claims.add(answer);
    signal.addEventListener('abort', giveUp);
    return promise;
  }

  /** Serves claims of a pool while there is something to serve them with. */
  serve(poolId: PoolId, next: () => Lease | undefined): void {
    for (const answer of this.#byPool.get(poolId) ?? []) {
      const lease = next();
      if (lease === undefined) return;
      answer(lease);
    }
  }

  /** Ends all of them with nothing. */
  end(): void {
    for (const claims of this.#byPool.values()) {
      for (const answer of claims) answer(undefined);
    }
  }
}
