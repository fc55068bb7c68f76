// SPDX-License-Identifier: MIT
import type { PoolDemand, PoolId } from '@llama-orch/orchestrator-core';
import { deviceOptions } from '../devices/device-options.ts';
import type { DeviceId, DeviceReading } from '../devices/device-provider.ts';
import type { ManagedReplicaState } from '../replica-state.ts';
import type { SwapPool, SwapReplica, SwapReplicaState } from './swap-situation.ts';
import type { SwappedPool, SwappedReplica } from './swapper-api.ts';

/** What is known of a replica beyond its own view. */
export class ReplicaRow {
  readonly replica: SwappedReplica['replica'];
  pool: SwappedPool;
  footprintBytes: number | undefined;
  devices: readonly DeviceId[] | undefined;
  loadedAtMs: number | undefined;
  /** How long its last load took. */
  loadMs = 0;
  /** Loads that failed since one went well. */
  failureCount = 0;
  /** Before that it is not tried again. */
  retryAtMs = -Infinity;
  /** What the swapper does with it at the moment, until that has ended. */
  move: 'load' | 'unload' | undefined;
  /** Its load has succeeded; what follows is measuring. */
  isReady = false;
  /** Ends when no move is under way. */
  moved: Promise<void> = Promise.resolve();

  constructor(pool: SwappedPool, { replica, footprintBytes }: SwappedReplica, nowMs: number) {
    this.pool = pool;
    this.replica = replica;
    this.footprintBytes = footprintBytes;
    // Somebody else may have loaded it before it came here.
    const { state, devices } = replica.view();
    if (state === 'stopped') return;
    this.devices = devices;
    this.loadedAtMs = nowMs;
  }

  stateAt(nowMs: number): SwapReplicaState {
    if (this.move === 'unload') return 'unloading';
    if (this.move === 'load') return this.isReady ? 'loaded' : 'loading';
    const state = STATES[this.replica.view().state];
    return state === 'unloaded' && nowMs < this.retryAtMs ? 'failed' : state;
  }
}

// A crashed engine comes back by itself on the devices it had: nobody else gets them meanwhile.
const STATES: Readonly<Record<ManagedReplicaState, SwapReplicaState>> = {
  stopped: 'unloaded',
  starting: 'loading',
  loading: 'loading',
  testing: 'loading',
  backoff: 'loading',
  ready: 'loaded',
  draining: 'unloading',
  failed: 'failed',
};

/** The devices as they were when they were read last. */
export interface DevicesRead {
  readonly atMs: number;
  readonly readings: readonly DeviceReading[];
  readonly fault?: string;
}

/** The replicas of one pool for a plan, or why none of them can be anywhere. */
export function replicasFor(
  pool: SwappedPool,
  rows: readonly ReplicaRow[],
  { readings, fault, nowMs }: Omit<DevicesRead, 'atMs'> & { readonly nowMs: number },
): { readonly replicas: readonly SwapReplica[]; readonly refusal?: string } {
  const options = deviceOptions(pool.wish, readings, fault);
  const sets = options.outcome === 'possible' ? options.sets : [];
  const replicas = rows.map((row): SwapReplica => {
    const { devices, footprintBytes, loadedAtMs } = row;
    const state = row.stateAt(nowMs);
    const isSomewhere = state !== 'unloaded' && state !== 'failed';
    return {
      replicaId: row.replica.id,
      poolId: pool.poolId,
      state,
      sets,
      ...(isSomewhere ? { devices: devices ?? sets[0] ?? [] } : {}),
      ...(footprintBytes === undefined ? {} : { footprintBytes }),
      ...(loadedAtMs === undefined ? {} : { loadedAtMs }),
    };
  });
  return options.outcome === 'possible' ? { replicas } : { replicas, refusal: options.reason };
}

/** What a plan is told of a pool besides its demand. */
export interface PoolKnowledge {
  readonly isWanted: boolean;
  readonly heldFor?: PoolId;
  readonly drainMs: number;
  readonly loadMs: number;
}

const NO_DEMAND = { waitingCount: 0, runningCount: 0 };

/** A pool for a plan. */
export function poolFor(
  { poolId, groupId, together, isPinned, maxWaitMs, idleUnloadMs }: SwappedPool,
  demand: PoolDemand | undefined,
  knowledge: PoolKnowledge,
): SwapPool {
  return {
    ...NO_DEMAND,
    ...demand,
    poolId,
    ...(groupId === undefined ? {} : { groupId }),
    together,
    isPinned,
    maxWaitMs,
    ...(idleUnloadMs === undefined ? {} : { idleUnloadMs }),
    ...knowledge,
  };
}

/** Demand by pool. */
export function byPool(demand: readonly PoolDemand[]): ReadonlyMap<PoolId, PoolDemand> {
  return new Map(demand.map((each) => [each.poolId, each]));
}
