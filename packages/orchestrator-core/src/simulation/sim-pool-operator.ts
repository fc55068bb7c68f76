// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { PoolSpec, ReplicaSpec } from '../orchestrator-api.ts';
import type { PoolId } from '../task/ids.ts';
import type { Referee } from './referee.ts';
import { makeReplica } from './sim-pools.ts';
import type { Simulation } from './simulation.ts';

/** Longest time that a drain gives what runs, in milliseconds. */
const MAX_DRAIN_MS = 600;
/** What may come of operating a pool that others operate as well. */
const EXPECTED: ReadonlySet<string> = new Set(['done', 'NOT_FOUND', 'POOL_UNREADY', 'POOL_UNAVAILABLE']);

/** What operators do to pools while clients work: drain and resume, hold and let go, exchange engines, take away and bring back. */
export class SimPoolOperator {
  readonly #simulation: Simulation;
  readonly #drained = new Set<PoolId>();
  readonly #held = new Set<PoolId>();
  /** Pools that are taken away, and whether that is done. */
  readonly #removed = new Map<PoolId, 'leaving' | 'gone'>();
  /** What each pool was last asked to serve with; absent for what it was configured with. */
  readonly #replicas = new Map<PoolId, readonly ReplicaSpec[]>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Does what one operator might do next. */
  act(): void {
    const { random, setup } = this.#simulation;
    const pool = random.pick(setup.options.pools);
    const roll = random.below(10);
    if (this.#removed.has(pool.id)) this.#bringBack(pool);
    else if (roll < 1) this.#drain(pool.id);
    else if (roll < 4) this.#resume(pool.id);
    else if (roll < 5) this.#hold(pool.id, true);
    else if (roll < 7) this.#hold(pool.id, false);
    else if (roll < 9) this.#exchange(pool);
    else this.#remove(pool);
  }

  /** Another process has all pools as they were configured. */
  forget(): void {
    for (const kept of [this.#drained, this.#held, this.#removed, this.#replicas]) kept.clear();
  }

  /** Whether the pool was taken away. */
  isAway(id: PoolId): boolean {
    return this.#removed.has(id);
  }

  #drain(id: PoolId): void {
    const { orchestrator, random } = this.#simulation;
    this.#drained.add(id);
    this.#call('drain', orchestrator.drainPool(id, { deadlineMs: random.below(MAX_DRAIN_MS) }));
    this.#noteShut(id);
  }

  #resume(id: PoolId): void {
    this.#drained.delete(id);
    this.#noteShut(id);
    this.#call('undrain', this.#simulation.orchestrator.resumePool(id));
  }

  #hold(id: PoolId, isHeld: boolean): void {
    if (isHeld) this.#held.add(id);
    else this.#held.delete(id);
    if (!isHeld) this.#noteShut(id);
    this.#simulation.orchestrator.holdPool(id, isHeld);
    if (isHeld) this.#noteShut(id);
  }

  /** Some stay, some go, and a new one may come. */
  #exchange(pool: PoolSpec): void {
    const { orchestrator, random, setup } = this.#simulation;
    const before = this.#replicasOf(pool);
    const staying = before.filter(() => random.below(2) === 0);
    const isGrowing = staying.length === 0 || random.below(2) === 0;
    const after = isGrowing ? [...staying, makeReplica(setup.workshop, pool.id, random)] : staying;
    const exchange = orchestrator.replaceReplicas(pool.id, after);
    // What the next exchange keeps is what this one asked for, also where it was refused.
    this.#replicas.set(pool.id, after);
    const gone = before.filter((spec) => !after.includes(spec));
    this.#call('exchange', exchange, () => {
      const isStill = this.#replicas.get(pool.id) === after;
      if (isStill) for (const { adapter } of gone) setup.ledger.retired.add(adapter);
    });
  }

  #remove(pool: PoolSpec): void {
    this.#removed.set(pool.id, 'leaving');
    this.#call('remove', this.#simulation.orchestrator.removePool(pool.id), () => {
      this.#removed.set(pool.id, 'gone');
      for (const { adapter } of this.#replicasOf(pool)) void adapter.close();
    });
    this.#noteShut(pool.id);
  }

  /** With another engine: the ones that it had are closed. */
  #bringBack(pool: PoolSpec): void {
    if (this.#removed.get(pool.id) !== 'gone') return;
    const { orchestrator, random, setup } = this.#simulation;
    const replicas = [makeReplica(setup.workshop, pool.id, random)];
    this.#replicas.set(pool.id, replicas);
    for (const kept of [this.#removed, this.#drained, this.#held]) kept.delete(pool.id);
    this.#noteShut(pool.id);
    this.#call('add', orchestrator.addPool({ ...pool, replicas }));
  }

  #replicasOf({ id, replicas }: PoolSpec): readonly ReplicaSpec[] {
    return this.#replicas.get(id) ?? replicas;
  }

  #noteShut(id: PoolId): void {
    const { shutPools } = this.#simulation.setup.ledger;
    if (this.#drained.has(id) || this.#held.has(id) || this.#removed.has(id)) shutPools.add(id);
    else shutPools.delete(id);
  }

  #call(what: string, act: Promise<void>, then: () => void = () => undefined): void {
    const { seen, trace } = this.#simulation;
    const referee: Referee = this.#simulation.referee;
    const outcome = act.then(
      () => 'done',
      (fault: unknown) => (OrchError.is(fault) ? fault.code : String(fault)),
    );
    this.#simulation.call(outcome, (told) => {
      seen.add(`${what} ${told}`);
      trace.note(`${what} ${told}`);
      referee.demand(EXPECTED.has(told), `To ${what} a pool was answered ${told}.`);
      if (told === 'done') then();
    });
  }
}
