// SPDX-License-Identifier: MIT
import type { PoolId, Timer } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { DecisionLog } from './decision-log.ts';
import { DrainTimes } from './drain-times.ts';
import { LoadWaiters } from './load-waiters.ts';
import { planSwap } from './plan-swap.ts';
import { PoolHolds } from './pool-holds.ts';
import { ReplicaMoves } from './replica-moves.ts';
import type { SwapSituation } from './swap-situation.ts';
import { byPool, poolFor, replicasFor, ReplicaRow, type DevicesRead } from './swap-table.ts';
import type {
  SwapDecision,
  SwappedPool,
  SwappedPoolView,
  SwappedReplica,
  Swapper,
  SwapperOptions,
} from './swapper-api.ts';

/** A reading this young decides what to do; what is about to be loaded reads again. */
const FRESH_MS = 1_000;

/** Makes a {@link Swapper}. */
export function createSwapper(options: SwapperOptions): Swapper {
  return new DemandSwapper(options);
}

/** One look at everything at a time decides; loads and unloads run beside it and ask for the next look when they end. */
class DemandSwapper implements Swapper {
  readonly #options: SwapperOptions;
  readonly #log: DecisionLog;
  readonly #holds: PoolHolds;
  readonly #moves: ReplicaMoves;
  readonly #drains: DrainTimes;
  readonly #waiters = new LoadWaiters();
  readonly #rows = new Map<string, ReplicaRow>();
  /** Also of replicas that are taken out for a while. */
  readonly #known = new WeakMap<SwappedReplica['replica'], ReplicaRow>();
  readonly #wanted = new Set<PoolId>();
  readonly #reasons = new Map<PoolId, string>();
  readonly #unwatch = new Map<string, () => void>();
  #pools: readonly SwappedPool[] = [];
  #read: DevicesRead | undefined;
  #timer: Timer | undefined;
  #look: Promise<void> | undefined;
  #isAgain = false;
  #isRunning = false;

  constructor(options: SwapperOptions) {
    this.#options = options;
    this.#log = new DecisionLog(options);
    this.#holds = new PoolHolds(options.demand);
    this.#drains = new DrainTimes(options.clock);
    this.#moves = new ReplicaMoves(options, {
      onEnd: () => {
        this.#read = undefined; // memory has changed hands
        this.#wake();
      },
      onLoadFailed: ({ pool }, error) => {
        this.#wanted.delete(pool.poolId);
        this.#waiters.failed(pool.poolId, error);
      },
    });
    this.setPools(options.pools);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const onDemand = (): void => {
      if (!this.#isSteady) this.#wake();
    };
    this.#unwatch.set('', this.#options.demand.watchDemand(onDemand));
    for (const { poolId, loadAtStart } of this.#pools) if (loadAtStart) this.#wanted.add(poolId);
    this.#wake();
  }

  setPools(pools: readonly SwappedPool[]): void {
    const known = new Set(this.#pools.map(({ poolId }) => poolId));
    const replicas = new Map(pools.flatMap((pool) => pool.replicas.map((each) => [each.replica.id, { pool, each }])));
    for (const [id, row] of this.#rows) if (replicas.get(id)?.each.replica !== row.replica) this.#forget(id);
    for (const [id, { pool, each }] of replicas) {
      const row = this.#known.get(each.replica) ?? new ReplicaRow(pool, each, this.#options.clock.nowMs());
      row.pool = pool;
      this.#known.set(each.replica, row);
      if (this.#rows.has(id)) continue;
      this.#rows.set(id, row);
      const unwatch = each.replica.adapter.onHealthChange?.(this.#wake);
      if (unwatch !== undefined) this.#unwatch.set(id, unwatch);
    }
    this.#pools = pools;
    this.#holds.keepOnly(pools.map(({ poolId }) => poolId));
    const added = pools.filter(({ poolId, loadAtStart }) => loadAtStart && !known.has(poolId));
    if (this.#isRunning) for (const { poolId } of added) this.#wanted.add(poolId);
    this.#wake();
  }

  async load(poolId: PoolId): Promise<void> {
    for (const row of this.#knownRowsOf(poolId)) row.retryAtMs = -Infinity;
    this.#wanted.add(poolId);
    this.#wake();
    await this.#waiters.wait(poolId);
  }

  async unload(poolId: PoolId): Promise<void> {
    const rows = this.#knownRowsOf(poolId);
    this.#wanted.delete(poolId);
    this.#waiters.failed(poolId, new OrchError('POOL_UNREADY', { message: `The pool ${poolId} is unloaded.` }));
    for (const row of rows) {
      if (['unloaded', 'unloading', 'failed'].includes(this.#stateOf(row))) continue;
      this.#log.note(row, 'operator', 'An operator unloads it.');
      this.#holds.hold(poolId);
      this.#moves.unload(row);
    }
    await Promise.all(rows.map(({ moved }) => moved));
  }

  view(): readonly SwappedPoolView[] {
    return this.#pools.map(({ poolId }) => {
      const reason = this.#holds.reasonOf(poolId) ?? this.#reasons.get(poolId);
      const replicas = this.#rowsOf(poolId).map((row) => ({
        id: row.replica.id,
        ...(row.devices === undefined || this.#stateOf(row) === 'unloaded' ? {} : { devices: row.devices }),
        ...(row.footprintBytes === undefined ? {} : { footprintBytes: row.footprintBytes }),
      }));
      return { poolId, isHeld: this.#holds.has(poolId), ...(reason === undefined ? {} : { reason }), replicas };
    });
  }

  decisions(): readonly SwapDecision[] {
    return this.#log.all;
  }

  async close(): Promise<void> {
    this.#isRunning = false;
    this.#timer?.cancel();
    for (const id of this.#unwatch.keys()) this.#unwatch.get(id)?.();
    this.#unwatch.clear();
    this.#waiters.failAll(new OrchError('POOL_UNREADY', { message: 'The swapper is closed.' }));
    await this.#look;
    await this.#moves.close();
    this.#holds.releaseAll();
  }

  /** Whether no work that comes or goes could load or unload anything: its edges, one per task under load, need no look. */
  get #isSteady(): boolean {
    if (this.#look !== undefined || this.#wanted.size > 0) return false;
    if (this.#pools.some(({ idleUnloadMs, poolId }) => idleUnloadMs !== undefined || this.#holds.has(poolId)))
      return false;
    return [...this.#rows.values()].every((row) => row.move === undefined && this.#stateOf(row) === 'loaded');
  }

  /** Looks again, soon; many calls make one look. */
  readonly #wake = (): void => {
    if (!this.#isRunning) return;
    if (this.#look !== undefined) {
      this.#isAgain = true;
      return;
    }
    this.#look = this.#lookAtAll().finally(() => {
      this.#look = undefined;
      if (!this.#isAgain) return;
      this.#isAgain = false;
      this.#wake();
    });
  };

  async #lookAtAll(): Promise<void> {
    // The reading comes first: between the demand and what follows from it nothing may happen.
    const read = await this.#readDevices();
    if (!this.#isRunning) return;
    const { loads, unloads, holds, waits, nextCheckAtMs } = planSwap(this.#situation(read));
    const leaving = [...this.#rows.values()].filter(({ move }) => move === 'unload').map(({ pool }) => pool.poolId);
    this.#holds.apply(holds, leaving);
    for (const { replicaId, cause, reason } of unloads) {
      const row = this.#row(replicaId);
      this.#log.note(row, cause, reason);
      this.#holds.hold(row.pool.poolId);
      this.#moves.unload(row);
    }
    for (const { replicaId, devices, reason } of loads) {
      const row = this.#row(replicaId);
      this.#moves.load(row, devices);
      this.#log.note(row, 'load', reason);
    }
    for (const { poolId, reason } of waits) this.#reasons.set(poolId, reason);
    this.#fulfillWishes();
    this.#setTimer(nextCheckAtMs);
  }

  async #readDevices(): Promise<DevicesRead> {
    const { clock, devices, logger } = this.#options;
    const isFresh = this.#read !== undefined && clock.nowMs() - this.#read.atMs < FRESH_MS;
    if (this.#read !== undefined && (isFresh || !this.#needsRoom())) return this.#read;
    try {
      this.#read = { readings: await devices.read(new AbortController().signal), atMs: clock.nowMs() };
    } catch (error) {
      const fault = OrchError.from(error, 'INTERNAL').message;
      logger.log('warn', 'The devices cannot be read.', { reason: fault });
      this.#read = { readings: [], fault, atMs: clock.nowMs() };
    }
    return this.#read;
  }

  /** Whether something is to be loaded: only then the devices matter. */
  #needsRoom(): boolean {
    const demand = byPool(this.#options.demand.demand());
    return [...this.#rows.values()].some((row) => {
      const { poolId } = row.pool;
      const isNeeded = this.#wanted.has(poolId) || (demand.get(poolId)?.waitingCount ?? 0) > 0;
      return isNeeded && this.#stateOf(row) === 'unloaded';
    });
  }

  #situation(read: DevicesRead): SwapSituation {
    const nowMs = this.#options.clock.nowMs();
    const demand = byPool(this.#options.demand.demand());
    this.#reasons.clear();
    const isContested = this.#needsRoom();
    const replicas = this.#pools.flatMap((pool) => {
      const { replicas: found, refusal } = replicasFor(pool, this.#rowsOf(pool.poolId), { ...read, nowMs });
      if (refusal !== undefined) this.#refuse(pool.poolId, refusal);
      return found;
    });
    const pools = this.#pools.map((pool) => {
      const { poolId } = pool;
      const [demanded, heldFor] = [demand.get(poolId), this.#holds.heldFor(poolId)];
      this.#drains.note(poolId, this.#holds.has(poolId), {
        runningCount: demanded?.runningCount ?? 0,
        drainMs: isContested ? demanded?.drainMs : undefined,
      });
      return poolFor(pool, demanded, {
        ...(heldFor === undefined ? {} : { heldFor }),
        isWanted: this.#wanted.has(poolId),
        drainMs: this.#drains.of(poolId),
        loadMs: Math.max(0, ...this.#rowsOf(poolId).map(({ loadMs }) => loadMs)),
      });
    });
    return { nowMs, devices: read.readings, pools, replicas };
  }

  #refuse(poolId: PoolId, message: string): void {
    this.#reasons.set(poolId, message);
    this.#waiters.failed(poolId, new OrchError('POOL_UNREADY', { message }));
  }

  /** A wish is fulfilled once, by all that fits: it does not bring back what other work has pushed out since. */
  #fulfillWishes(): void {
    for (const poolId of this.#wanted) {
      const rows = this.#rowsOf(poolId);
      const isLoaded = rows.some((row) => this.#stateOf(row) === 'loaded');
      if (!isLoaded || rows.some(({ move }) => move !== undefined)) continue;
      this.#wanted.delete(poolId);
      this.#waiters.loaded(poolId);
    }
  }

  #setTimer(checkAtMs = Infinity): void {
    this.#timer?.cancel();
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const retries = [...this.#rows.values()].map(({ retryAtMs }) => retryAtMs).filter((atMs) => atMs > nowMs);
    // A check that has become due since the plan was made is not over but next.
    const delayMs = Math.max(0, Math.min(checkAtMs, ...retries) - nowMs);
    this.#timer = Number.isFinite(delayMs) ? clock.setTimer(delayMs, this.#wake) : undefined;
  }

  #forget(id: string): void {
    this.#unwatch.get(id)?.();
    this.#unwatch.delete(id);
    this.#rows.delete(id);
  }

  #stateOf(row: ReplicaRow): ReturnType<ReplicaRow['stateAt']> {
    return row.stateAt(this.#options.clock.nowMs());
  }

  #rowsOf(poolId: PoolId): readonly ReplicaRow[] {
    return [...this.#rows.values()].filter(({ pool }) => pool.poolId === poolId);
  }

  #knownRowsOf(poolId: PoolId): readonly ReplicaRow[] {
    if (this.#pools.some((pool) => pool.poolId === poolId)) return this.#rowsOf(poolId);
    throw new OrchError('NOT_FOUND', { message: `There is no pool ${poolId} that is loaded and unloaded here.` });
  }

  #row(replicaId: string): ReplicaRow {
    const row = this.#rows.get(replicaId);
    if (row === undefined) throw new Error(`A plan names the replica ${replicaId}, which is not there.`);
    return row;
  }
}
