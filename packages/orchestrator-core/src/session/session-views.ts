// SPDX-License-Identifier: MIT
import type { HeldContext } from '@llama-orch/worker-adapter-api';
import type { SessionView } from '../orchestrator-api.ts';
import type { Pool } from '../pool/pool.ts';
import { readMetrics } from '../pool/read-metrics.ts';
import type { Replica } from '../pool/replica.ts';
import type { Clock } from '../ports.ts';
import type { PoolId, ReplicaId, SessionId } from '../task/ids.ts';
import type { Session, SessionTable } from './session-table.ts';

/** What sessions are told from. */
export interface SessionViewsOptions {
  readonly clock: Clock;
  readonly sessions: SessionTable;
  readonly pools: ReadonlyMap<PoolId, Pool>;
}

/** Sessions as clients may see them: what the table knows, and what the engines hold of them. */
export class SessionViews {
  readonly #options: SessionViewsOptions;

  constructor(options: SessionViewsOptions) {
    this.#options = options;
  }

  /** All sessions, the longest untouched first; each engine is asked at most once. */
  async list(): Promise<readonly SessionView[]> {
    const { sessions, clock } = this.#options;
    const all = sessions.list(clock.nowMs());
    const warm = new Set(all.flatMap(({ kvWarmth, replicaId }) => (kvWarmth && replicaId ? [replicaId] : [])));
    const held = new Map(await Promise.all(Array.from(warm, async (id) => [id, await this.#heldBy(id)] as const)));
    return all.map((session) => this.#view(session, session.replicaId && held.get(session.replicaId)));
  }

  /** One session; undefined when there is none or its time is over. */
  async get(id: SessionId): Promise<SessionView | undefined> {
    const { sessions, clock } = this.#options;
    const session = sessions.get(id, clock.nowMs());
    if (session === undefined) return undefined;
    const { kvWarmth, replicaId } = session;
    const held = kvWarmth && replicaId !== undefined ? await this.#heldBy(replicaId) : undefined;
    return this.#view(session, held);
  }

  /** Forgets a session, here and in the engine that holds it; false when there is none. */
  end(id: SessionId): boolean {
    const { sessions, clock } = this.#options;
    const replicaId = sessions.get(id, clock.nowMs())?.replicaId;
    // ORCH-1303: what the engine holds of it is of no use to anybody else.
    if (replicaId !== undefined) this.#replica(replicaId)?.adapter.forgetSession?.(id);
    return sessions.end(id, clock.nowMs());
  }

  #view(session: Session, held: readonly HeldContext[] | undefined): SessionView {
    const { id, ttlMsRemaining, turns, replicaId, remaining } = session;
    const context = held?.find(({ sessionId }) => sessionId === id);
    return {
      id,
      ttlMsRemaining,
      turns,
      // The engine knows better than the table.
      kvWarmth: session.kvWarmth && (held === undefined || context !== undefined),
      ...(context?.bytes === undefined ? {} : { kvBytes: context.bytes }),
      ...(replicaId === undefined ? {} : { replicaId }),
      ...(remaining === undefined ? {} : { budget: remaining }),
    };
  }

  /** What a replica says it holds; undefined when it cannot tell. */
  async #heldBy(replicaId: ReplicaId): Promise<readonly HeldContext[] | undefined> {
    const replica = this.#replica(replicaId);
    if (replica?.state !== 'ready') return undefined;
    return (await readMetrics(replica.adapter, this.#options.clock)).contexts;
  }

  #replica(id: ReplicaId): Replica | undefined {
    for (const { allReplicas } of this.#options.pools.values()) {
      const replica = allReplicas.find((candidate) => candidate.id === id);
      if (replica !== undefined) return replica;
    }
    return undefined;
  }
}
