// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { PoolSpec, ReplicaSpec, SamplerProfile } from '../orchestrator-api.ts';
import type { CorePorts } from '../ports.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { PoolId } from '../task/ids.ts';
import type { TaskEnder } from '../task/task-ender.ts';
import type { TaskTable } from '../task/task-table.ts';
import { demandOf } from './demand-of.ts';
import type { DemandWatch } from './demand-watch.ts';
import type { DrainOptions, PoolPolicy, PoolDemand, PoolOperations } from './pool-operations.ts';
import type { Pool } from './pool.ts';

/** A pool with what gives out its tasks. */
interface Unit {
  readonly pool: Pool;
  readonly dispatcher: Dispatcher;
  /** Aborts when the drain under way is over. */
  drain?: AbortController;
}

/** What operating pools needs. */
export interface PoolOperatorOptions {
  readonly ports: Pick<CorePorts, 'clock'>;
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly ender: TaskEnder;
  /** All of them, shared with whoever looks pools up; written here alone. */
  readonly pools: Map<PoolId, Pool>;
  /** Told by the pools. */
  readonly demandWatch: DemandWatch;
  readonly samplerProfiles: readonly SamplerProfile[];
  readonly makePool: (spec: PoolSpec) => Pool;
  readonly makeDispatcher: (pool: Pool) => Dispatcher;
}

/** Brings pools in and out of service while others serve. */
export class PoolOperator implements PoolOperations {
  readonly #options: PoolOperatorOptions;
  readonly #units = new Map<PoolId, Unit>();
  /** Pools are probed, and what waits is given out. */
  #isStarted = false;
  #isClosed = false;

  constructor(options: PoolOperatorOptions) {
    this.#options = options;
  }

  /** The pools it begins with. Throws INVALID_PARAMS when there is none, or two have one id. */
  enlist(specs: readonly PoolSpec[]): void {
    if (specs.length === 0) throw invalid('Needs a pool.');
    for (const spec of specs) this.#enlist(spec);
  }

  /** Probes every pool and gives out what waits. */
  start(): void {
    this.#isStarted = true;
    for (const unit of this.#units.values()) {
      unit.pool.start();
      this.#open(unit);
    }
  }

  /** Gives out nothing any more; resolves when no claim is open. What runs goes on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#all((dispatcher) => dispatcher.stopClaiming());
  }

  /** Stops what runs, so that another process can go on with it. Call after `close`. */
  interrupt(): void {
    for (const { dispatcher } of this.#units.values()) dispatcher.interrupt();
  }

  /** Resolves when no job runs, or when `signal` aborts. Call after `close`. */
  async whenIdle(signal?: AbortSignal): Promise<void> {
    await this.#all((dispatcher) => dispatcher.whenIdle(signal));
  }

  /** Ends probing; no replica takes a job any more. */
  stop(): void {
    for (const { pool, drain } of this.#units.values()) {
      drain?.abort();
      pool.stop();
    }
  }

  async drainPool(id: PoolId, { deadlineMs }: DrainOptions): Promise<void> {
    await this.#drain(this.#unit(id), deadlineMs);
  }

  /** `recovered`: until then nobody knows whether the queue is paused. */
  async resumePool(id: PoolId, recovered?: Promise<void>): Promise<void> {
    const unit = this.#unit(id);
    // ORCH-1451: at once, or it would undo a drain that was asked for later.
    unit.drain?.abort();
    delete unit.drain;
    unit.pool.gate.setDraining(false);
    this.#open(unit);
    await recovered;
    await this.#options.queue.steer({ kind: 'resume', poolId: id });
    unit.pool.gate.setPaused((await this.#options.queue.snapshot(id)).paused);
  }

  async replaceReplicas(id: PoolId, replicas: readonly ReplicaSpec[], policy?: PoolPolicy): Promise<void> {
    const { pool } = this.#unit(id);
    if (policy !== undefined) this.#checkPins(id, policy);
    await pool.replaceReplicas(replicas, policy);
  }

  async addPool(spec: PoolSpec): Promise<void> {
    const { queue, table } = this.#options;
    const unit = this.#enlist(spec);
    const { pool } = unit;
    // Another process may have left tasks and a pause for it.
    for (const record of table.live()) if (record.task.poolId === pool.id) pool.joined(record);
    pool.gate.setPaused((await queue.snapshot(pool.id)).paused);
    if (!this.#isStarted) return;
    pool.start();
    this.#open(unit);
  }

  async removePool(id: PoolId): Promise<void> {
    const unit = this.#unit(id);
    // From here on there is no way back.
    this.#units.delete(id);
    await this.#drain(unit, 0);
    await this.#endAll(unit.pool);
    this.#options.pools.delete(id);
    // An engine that did not stop still runs something, but for nobody.
    this.#options.demandWatch.note();
    // What came in while others were ended; from here on admission ends it itself.
    await this.#endAll(unit.pool);
    unit.pool.stop();
  }

  demand(): readonly PoolDemand[] {
    return Array.from(this.#options.pools.values(), (pool) => demandOf(pool));
  }

  watchDemand(listener: () => void): () => void {
    return this.#options.demandWatch.watch(listener);
  }

  holdPool(id: PoolId, isHeld: boolean): void {
    const unit = this.#units.get(id);
    if (unit === undefined) return;
    unit.pool.gate.setHeld(isHeld);
    if (isHeld) void unit.dispatcher.stopClaiming();
    else this.#open(unit);
  }

  #unit(id: PoolId): Unit {
    const unit = this.#units.get(id);
    if (unit === undefined) throw new OrchError('NOT_FOUND', { message: `There is no pool ${id}.`, phase: 'request' });
    return unit;
  }

  #enlist(spec: PoolSpec): Unit {
    const { pools, makePool, makeDispatcher } = this.#options;
    if (pools.has(spec.id)) throw invalid(`There is a pool ${spec.id} already.`);
    this.#checkPins(spec.id, spec);
    const pool = makePool(spec);
    const unit: Unit = { pool, dispatcher: makeDispatcher(pool) };
    pools.set(pool.id, pool);
    this.#units.set(pool.id, unit);
    return unit;
  }

  #checkPins(id: PoolId, { pins }: Pick<PoolPolicy, 'pins'>): void {
    const profile = pins?.samplerProfileVersion;
    if (profile === undefined || this.#options.samplerProfiles.some(({ version }) => version === profile)) return;
    throw invalid(`Pool ${id} is pinned to the sampler profile ${profile}, which is not there.`);
  }

  /** Gives out what waits, unless something stands against it. A pause does so in the queue itself. */
  #open({ pool, dispatcher }: Unit): void {
    const { draining, held } = pool.gate;
    if (this.#isStarted && !this.#isClosed && !draining && !held) dispatcher.start();
  }

  /** Ends all tasks that wait for the pool. */
  async #endAll(pool: Pool): Promise<void> {
    const { table, ender } = this.#options;
    for (const record of Array.from(table.live())) {
      if (record.task.poolId === pool.id) await ender.endUnavailable(record, pool);
    }
  }

  /** ORCH-1450: what runs has until the deadline; then it waits again where a replay gives the same, or ends. */
  async #drain(unit: Unit, deadlineMs: number): Promise<void> {
    const { pool, dispatcher } = unit;
    unit.drain ??= new AbortController();
    const { signal } = unit.drain;
    pool.gate.setDraining(true);
    await dispatcher.stopClaiming();
    if (deadlineMs > 0) await this.#waitFor(dispatcher, deadlineMs, signal);
    if (signal.aborted) return;
    dispatcher.interrupt();
    await dispatcher.whenIdle(signal);
  }

  async #waitFor(dispatcher: Dispatcher, limitMs: number, signal: AbortSignal): Promise<void> {
    const deadline = new AbortController();
    const timer = this.#options.ports.clock.setTimer(limitMs, () => deadline.abort());
    await dispatcher.whenIdle(AbortSignal.any([deadline.signal, signal]));
    timer.cancel();
  }

  async #all(act: (dispatcher: Dispatcher) => Promise<void>): Promise<void> {
    await Promise.all(Array.from(this.#units.values(), ({ dispatcher }) => act(dispatcher)));
  }
}

function invalid(message: string): OrchError {
  return new OrchError('INVALID_PARAMS', { message, phase: 'request' });
}
