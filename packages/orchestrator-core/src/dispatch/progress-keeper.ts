// SPDX-License-Identifier: MIT
import type { Clock } from '../ports.ts';
import type { Lease } from '../queue/task-queue.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { Delivery } from './delivery.ts';
import { SharedRounds } from './shared-rounds.ts';

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
 * ORCH-1213: remembers how far the streams of running jobs have come. They share their rounds, so that what one finds shares a
 * commit, and nothing is done per token.
 */
export class ProgressKeeper {
  readonly #store: Pick<TaskStore, 'keepProgress'>;
  readonly #rounds: SharedRounds<Followed>;

  constructor({ clock, store }: ProgressKeeperOptions) {
    this.#store = store;
    const look = (followed: Followed): void => this.#keep(followed);
    this.#rounds = new SharedRounds({ clock, intervalMs: KEEP_INTERVAL_MS, look });
  }

  /** Follows a delivery until the returned function is called. */
  follow(lease: Lease, delivery: Delivery): () => void {
    const followed = { lease, delivery, keptCount: delivery.pieceCount };
    this.#rounds.add(followed);
    return () => this.#rounds.delete(followed);
  }

  #keep(followed: Followed): void {
    const { lease, delivery, keptCount } = followed;
    // ORCH-1223: who has lost the right writes nothing more.
    if (lease.loss !== undefined || delivery.pieceCount === keptCount) return;
    const { delivered } = delivery;
    if (delivered === undefined) return;
    followed.keptCount = delivered.pieceCount;
    this.#store.keepProgress(lease, delivered);
  }
}
