// SPDX-License-Identifier: MIT
import type { Clock, PoolDemand, PoolId } from '@llama-orch/orchestrator-core';
import type { SwapperOptions } from '@llama-orch/pool-manager';
import { FakeDeviceProvider, FakeReplica } from '@llama-orch/pool-manager/testkit';

const GIB = 1024 ** 3;
/** Two of the models do not fit. */
const CARD_BYTES = 24 * GIB;
const MODEL_BYTES = 16 * GIB;

/** A model on the card; its pool and its replica carry its name. */
export interface SimModel {
  readonly id: string;
  readonly loadMs: number;
}

/** How long a task waited. */
export interface SimWait {
  readonly waitMs: number;
  /** It came when every model had been loaded once, so that nobody had to guess how long this takes. */
  readonly isSettled: boolean;
}

/** A task of an agent. */
interface SimTask {
  readonly serviceMs: number;
  readonly submittedAtMs: number;
  readonly isSettled: boolean;
  readonly onEnd: () => void;
}

/** A model with its work. */
export interface SimPool {
  readonly poolId: PoolId;
  readonly replica: FakeReplica;
  readonly line: SimTask[];
  runningCount: number;
  isHeld: boolean;
  lastUsedAtMs: number | undefined;
  longestServiceMs: number;
}

/** What a {@link SimCard} is made from. */
export interface SimCardOptions {
  readonly clock: Clock;
  readonly models: readonly SimModel[];
  /** Jobs that one model runs at a time. */
  readonly slots: number;
}

/** One card, its models, the tasks that wait for them, and what became of these. */
export class SimCard {
  readonly clock: Clock;
  readonly devices = new FakeDeviceProvider([{ id: 'nvidia:0', totalBytes: CARD_BYTES }]);
  readonly pools: readonly SimPool[];
  /** The wait of each task for its start. */
  readonly waits: SimWait[] = [];
  /** Time for which some job ran, in milliseconds. */
  busyMs = 0;
  /** Asked before a task starts; a policy sets it. */
  mayStart: (pool: SimPool) => boolean = ({ isHeld }) => !isHeld;
  readonly #slots: number;
  readonly #listeners = new Set<() => void>();
  #busySinceMs = 0;

  constructor({ clock, models, slots }: SimCardOptions) {
    this.clock = clock;
    this.#slots = slots;
    this.pools = models.map((model) => this.#pool(model));
  }

  /** Loads that were begun. */
  get loadCount(): number {
    return this.pools.reduce((sum, { replica }) => sum + replica.loadCount, 0);
  }

  /** The demand as the swapper wants it. */
  get demand(): SwapperOptions['demand'] {
    return {
      demand: () => this.pools.map(demandOf),
      watchDemand: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      holdPool: (id, isHeld) => {
        for (const pool of this.pools) if (pool.poolId === id) pool.isHeld = isHeld;
        this.#dispatch();
      },
    };
  }

  /** A task comes; `onEnd` is called when it has been served. */
  submit(poolIndex: number, serviceMs: number, onEnd: () => void): void {
    const isSettled = this.pools.every(({ lastUsedAtMs }) => lastUsedAtMs !== undefined);
    this.pools[poolIndex]?.line.push({ serviceMs, onEnd, submittedAtMs: this.clock.nowMs(), isSettled });
    this.#changed();
  }

  #changed(): void {
    this.#dispatch();
    for (const listener of this.#listeners) listener();
    this.#dispatch();
  }

  #dispatch(): void {
    for (const pool of this.pools) {
      while (pool.replica.state === 'ready' && pool.runningCount < this.#slots && pool.line.length > 0) {
        if (!this.mayStart(pool)) break;
        this.#start(pool);
      }
    }
  }

  #start(pool: SimPool): void {
    const task = pool.line.shift();
    if (task === undefined) return;
    const nowMs = this.clock.nowMs();
    if (this.#runningCount === 0) this.#busySinceMs = nowMs;
    this.waits.push({ waitMs: nowMs - task.submittedAtMs, isSettled: task.isSettled });
    pool.runningCount += 1;
    pool.lastUsedAtMs = nowMs;
    pool.longestServiceMs = Math.max(pool.longestServiceMs, task.serviceMs);
    this.clock.setTimer(task.serviceMs, () => {
      pool.runningCount -= 1;
      pool.lastUsedAtMs = this.clock.nowMs();
      if (this.#runningCount === 0) this.busyMs += this.clock.nowMs() - this.#busySinceMs;
      pool.replica.noteRuns();
      task.onEnd();
      this.#changed();
    });
  }

  get #runningCount(): number {
    return this.pools.reduce((sum, { runningCount }) => sum + runningCount, 0);
  }

  #pool({ id, loadMs }: SimModel): SimPool {
    const pool: Omit<SimPool, 'replica'> = {
      poolId: id as PoolId,
      line: [],
      runningCount: 0,
      isHeld: false,
      lastUsedAtMs: undefined,
      longestServiceMs: 0,
    };
    const replica = new FakeReplica({
      id,
      clock: this.clock,
      devices: this.devices,
      footprintBytes: MODEL_BYTES,
      loadMs,
      runningCount: () => pool.runningCount,
      onChange: () => this.#changed(),
    });
    return Object.assign(pool, { replica });
  }
}

function demandOf({ poolId, line, runningCount, lastUsedAtMs, longestServiceMs }: SimPool): PoolDemand {
  return {
    poolId,
    waitingCount: line.length,
    runningCount,
    ...(line[0] === undefined ? {} : { oldestWaitingSinceMs: line[0].submittedAtMs }),
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
    ...(runningCount === 0 ? {} : { drainMs: longestServiceMs }),
  };
}
