// SPDX-License-Identifier: MIT
import type { PoolId } from '../task/ids.ts';
import type { Lease } from './task-queue.ts';

/** A claim that waits for a task. */
interface Claim {
  readonly signal: AbortSignal;
  readonly answer: (lease: Lease | undefined) => void;
}

/** Claims that found nothing, in the order in which they came. */
export class WaitingClaims {
  readonly #byPool = new Map<PoolId, Set<Claim>>();
  /** Whoever claims again and again does so under one signal, which is listened to once. */
  readonly #heard = new WeakSet<AbortSignal>();

  /** Resolves when the claim is served, or with undefined when `signal` aborts. */
  wait(poolId: PoolId, signal: AbortSignal): Promise<Lease | undefined> {
    let claims = this.#byPool.get(poolId);
    if (claims === undefined) this.#byPool.set(poolId, (claims = new Set()));
    this.#hear(signal);
    const { promise, resolve } = Promise.withResolvers<Lease | undefined>();
    claims.add({ signal, answer: resolve });
    return promise;
  }

  /** Serves claims of a pool while there is something to serve them with. */
  serve(poolId: PoolId, next: () => Lease | undefined): void {
    const claims = this.#byPool.get(poolId);
    if (claims === undefined) return;
    for (const claim of claims) {
      const lease = next();
      if (lease === undefined) return;
      claims.delete(claim);
      claim.answer(lease);
    }
  }

  /** Ends all of them with nothing. */
  end(): void {
    this.#giveUp(() => true);
  }

  #hear(signal: AbortSignal): void {
    if (this.#heard.has(signal)) return;
    this.#heard.add(signal);
    signal.addEventListener('abort', () => this.#giveUp((claim) => claim.signal === signal), { once: true });
  }

  #giveUp(isOver: (claim: Claim) => boolean): void {
    for (const claims of this.#byPool.values()) {
      for (const claim of claims) {
        if (!isOver(claim)) continue;
        claims.delete(claim);
        claim.answer(undefined);
      }
    }
  }
}
