// SPDX-License-Identifier: MIT
import type { ReplicaId, SessionId } from '../task/ids.ts';

/** Sessions whose next turn is likely to come soon, by the replica that holds their context memory. */
export class LingeringSessions {
  readonly #lingerMs: number;
  /** Until when each stays, in the order in which they began. */
  readonly #until = new Map<ReplicaId, Map<SessionId, number>>();
  readonly #replicaOf = new Map<SessionId, ReplicaId>();

  /** @param lingerMs How long a session lingers; 0 for not at all. */
  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
  }

  /** A turn has ended there, and its context memory is kept. */
  add(id: SessionId, replicaId: ReplicaId, nowMs: number): void {
    this.delete(id);
    let there = this.#until.get(replicaId);
    if (there === undefined) this.#until.set(replicaId, (there = new Map<SessionId, number>()));
    there.set(id, nowMs + this.#lingerMs);
    this.#replicaOf.set(id, replicaId);
  }

  /** It is over, or its context memory is gone. */
  delete(id: SessionId): void {
    const replicaId = this.#replicaOf.get(id);
    if (replicaId === undefined) return;
    this.#replicaOf.delete(id);
    this.#until.get(replicaId)?.delete(id);
  }

  /** How many sessions linger there, besides this one. */
  countOn(replicaId: ReplicaId, nowMs: number, besides: SessionId | undefined): number {
    const there = this.#until.get(replicaId);
    if (there === undefined) return 0;
    for (const [id, untilMs] of there) {
      if (untilMs > nowMs) break;
      this.delete(id);
    }
    return there.size - (besides !== undefined && there.has(besides) ? 1 : 0);
  }
}
