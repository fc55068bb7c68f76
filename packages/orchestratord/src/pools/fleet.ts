// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';
import type { Orchestrator, PoolId, PoolOperations, PoolSpec, ReplicaId } from '@llama-orch/orchestrator-core';
import type { ManagedReplica, ManagedReplicaView, Swapper } from '@llama-orch/pool-manager';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { provisioningOf } from '../config/provisioning.ts';
import { closeCrew, type Crew } from './crew.ts';
import type { PoolControl } from './pool-control.ts';
import { reloadCrew } from './reload-crew.ts';
import { whenSeen } from './when-seen.ts';

/** What a fleet needs of its surroundings. */
export interface FleetParts {
  readonly operations: PoolOperations & Pick<Orchestrator, 'pool' | 'watch'>;
  /** Loads and unloads all but the engines that others start. */
  readonly swapper: Pick<Swapper, 'load' | 'unload' | 'view'>;
  /** Tells the swapper which crews there are. */
  readonly onCrews: (crews: readonly Crew[]) => void;
  /** New engines for a pool; the suffix tells them from those that serve. */
  readonly createCrew: (section: Pool, suffix: string) => Crew;
  readonly specOf: (crew: Crew) => PoolSpec;
  /** The section with another model. Rejects INVALID_PARAMS for a model that is not there. */
  readonly withModel: (section: Pool, modelRef: string) => Promise<Pool>;
  /** Whether the engines of both crews may be in memory at once. */
  readonly fitsBeside: (next: Crew) => Promise<boolean>;
}

/** Every second crew of a pool has this behind its ids. */
const SUFFIX = 'b';

interface Berth {
  crew: Crew;
  /** While its engines change the swapper keeps its hands off. */
  isChanging: boolean;
  /** Operations come one after the other. */
  turn: Promise<unknown>;
}

/** The engines of all pools, and what operators do to them. */
export class Fleet implements PoolControl {
  readonly #parts: FleetParts;
  readonly #berths = new Map<string, Berth>();

  constructor(parts: FleetParts, crews: readonly Crew[]) {
    this.#parts = parts;
    for (const crew of crews) this.#berths.set(crew.section.id, berthOf(crew));
  }

  /** Sections as they are in force. */
  get sections(): readonly Pool[] {
    return Array.from(this.#berths.values(), ({ crew }) => crew.section);
  }

  /** All replicas that serve. */
  get replicas(): readonly ManagedReplica[] {
    return Array.from(this.#berths.values(), ({ crew }) => crew.replicas).flat();
  }

  replica(id: ReplicaId): ManagedReplicaView | undefined {
    return this.replicas.find((replica) => replica.id === id)?.view();
  }

  /** ORCH-1424 */
  whyNotLoaded(id: PoolId): string | undefined {
    return this.#parts.swapper.view().find(({ poolId }) => poolId === id)?.reason;
  }

  drain(id: PoolId, deadlineMs: number): Promise<void> {
    return this.#parts.operations.drainPool(id, { deadlineMs });
  }

  resume(id: PoolId): Promise<void> {
    return this.#parts.operations.resumePool(id);
  }

  async load(id: PoolId): Promise<void> {
    this.#ownBerth(id);
    await this.#inTurn(id, async ({ crew }) => {
      // What has failed is tried anew by those who ask for it.
      const failed = crew.replicas.filter((replica) => replica.view().state === 'failed');
      await Promise.all(failed.map((replica) => replica.unload()));
      await this.#parts.swapper.load(id);
      await this.#whenSeen(crew);
    });
  }

  async unload(id: PoolId): Promise<void> {
    this.#ownBerth(id);
    await this.#inTurn(id, async ({ crew }) => {
      await this.#parts.swapper.unload(id);
      await this.#whenSeen(crew);
    });
  }

  async reload(id: PoolId, modelRef: string | undefined): Promise<void> {
    this.#ownBerth(id);
    await this.#inTurn(id, async (berth) => {
      const { section } = berth.crew;
      await this.#change(berth, modelRef === undefined ? section : await this.#parts.withModel(section, modelRef));
    });
  }

  /** Makes a pool what its section says now; its queue stays. Rejects RELOAD_FAILED, and NOT_FOUND. */
  async revise(section: Pool, needsEngines: boolean): Promise<void> {
    await this.#inTurn(section.id, async (berth) => {
      if (needsEngines) return this.#change(berth, section);
      await this.#handOver({ ...berth.crew, section });
      berth.crew = { ...berth.crew, section };
      this.#tellCrews();
    });
  }

  /** A further pool; its engines are loaded as its section says. */
  async add(section: Pool): Promise<void> {
    const crew = this.#parts.createCrew(section, '');
    await this.#parts.operations.addPool(this.#parts.specOf(crew));
    this.#berths.set(section.id, berthOf(crew));
    this.#tellCrews();
    this.attach(crew);
  }

  /** Takes a pool away; what runs has until the deadline, and what waits ends. */
  async remove(id: PoolId, deadlineMs: number): Promise<void> {
    await this.#inTurn(id, async ({ crew }) => {
      await this.#parts.operations.drainPool(id, { deadlineMs });
      await this.#parts.operations.removePool(id);
      this.#berths.delete(id);
      this.#tellCrews();
      await closeCrew(crew);
    });
  }

  /** Connects the engines that others start; the swapper leaves them alone. */
  attach(crew: Crew): void {
    if (provisioningOf(crew.section) !== 'external') return;
    // What keeps one from answering is told by its health.
    for (const replica of crew.replicas) void replica.load().catch(() => undefined);
  }

  /** Ends every engine. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#berths.values(), ({ crew }) => closeCrew(crew)));
  }

  async #change(berth: Berth, section: Pool): Promise<void> {
    const current = berth.crew;
    const suffix = current.replicas.some(({ id }) => id.endsWith(SUFFIX)) ? '' : SUFFIX;
    const next = this.#parts.createCrew(section, suffix);
    berth.isChanging = true;
    this.#tellCrews();
    try {
      await reloadCrew({
        poolId: section.id as PoolId,
        current,
        next,
        fitsBeside: await this.#parts.fitsBeside(next),
        handOver: () => this.#handOver(next),
        operations: this.#parts.operations,
      });
      berth.crew = next;
    } finally {
      berth.isChanging = false;
      this.#tellCrews();
      await this.#whenSeen(berth.crew);
    }
  }

  #whenSeen({ section, replicas }: Crew): Promise<void> {
    return whenSeen(this.#parts.operations, section.id as PoolId, replicas);
  }

  #handOver(crew: Crew): Promise<void> {
    const { id, replicas, ...changes } = this.#parts.specOf(crew);
    return this.#parts.operations.replaceReplicas(id, replicas, changes);
  }

  #tellCrews(): void {
    const steady = [...this.#berths.values()].filter(({ isChanging }) => !isChanging);
    this.#parts.onCrews(steady.map(({ crew }) => crew));
  }

  #berthOf(id: string): Berth {
    const berth = this.#berths.get(id);
    if (berth === undefined) throw new OrchError('NOT_FOUND', { phase: 'request', details: { field: 'path.pool_id' } });
    return berth;
  }

  /** @throws OrchError where the engines are not ours to load. */
  #ownBerth(id: string): void {
    if (provisioningOf(this.#berthOf(id).crew.section) !== 'external') return;
    const expected = 'a pool whose engines this service starts';
    throw new OrchError('INVALID_PARAMS', { phase: 'request', details: { field: 'path.pool_id', expected } });
  }

  async #inTurn<T>(id: string, work: (berth: Berth) => Promise<T>): Promise<T> {
    const berth = this.#berthOf(id);
    // It may be gone when its turn comes.
    const done = berth.turn.then(() => work(this.#berthOf(id)));
    berth.turn = done.catch(() => undefined);
    return done;
  }
}

function berthOf(crew: Crew): Berth {
  return { crew, isChanging: false, turn: Promise.resolve() };
}
