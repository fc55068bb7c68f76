// SPDX-License-Identifier: MIT
import type { Clock, Timer } from '../ports.ts';
import type { Lease } from '../queue/task-queue.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { Delivery } from './delivery.ts';

/** How often what readers have is remembered, in milliseconds. */
export const KEEP_INTERVAL_MS = 1_000;

/** What a keeper is made with. */
export interface ProgressKeeperOptions {
  readonly clock: Clock;
  readonly store: Pick<TaskStore, 'keepProgress'>;
}

interface Followed {
  readonly lease: Lease;
  readonly delivery: Delivery;
  /** What is remembered already. */
  keptCount: number;
}

/**
 * ORCH-1213: remembers how far the streams of running jobs have come. One timer for all of them, so that what it finds in one
 * look shares a commit, and nothing per token.
 */
export class ProgressKeeper {
  readonly #options: ProgressKeeperOptions;
  readonly #followed = new Set<Followed>();
  #timer: Timer | undefined;

  constructor(options: ProgressKeeperOptions) {
    this.#options = options;
  }

  /** Follows a delivery until the returned function is called. */
  follow(lease: Lease, delivery: Delivery): () => void {
    const followed = { lease, delivery, keptCount: delivery.pieceCount };
    this.#followed.add(followed);
    this.#arm();
    return () => {
      this.#followed.delete(followed);
      if (this.#followed.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #arm(): void {
    this.#timer ??= this.#options.clock.setTimer(KEEP_INTERVAL_MS, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    for (const followed of this.#followed) this.#keep(followed);
    if (this.#followed.size > 0) this.#arm();
  }

  #keep(followed: Followed): void {
    const { lease, delivery, keptCount } = followed;
    // ORCH-1223: who has lost the right writes nothing more.
    if (lease.loss !== undefined || delivery.pieceCount === keptCount) return;
    const { delivered } = delivery;
    if (delivered === undefined) return;
    followed.keptCount = delivered.pieceCount;
    this.#options.store.keepProgress(lease, delivered);
  }
}
