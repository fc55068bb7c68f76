// SPDX-License-Identifier: MIT
import type { PoolId } from '@llama-orch/orchestrator-core';
import type { DeviceId, DeviceReading } from '../devices/device-provider.ts';

/** A pool as a swap sees it. Times are those of the monotonic clock. */
export interface SwapPool {
  readonly poolId: PoolId;
  /** The group it shares devices with; absent: it shares none. */
  readonly groupId?: string;
  /** Whether pools of its group may be in memory at the same time where they fit. */
  readonly together: boolean;
  /** Never evicted, never unloaded for idleness. */
  readonly isPinned: boolean;
  /** Somebody other than a task wants it loaded: an operator, or its configuration. */
  readonly isWanted: boolean;
  readonly waitingCount: number;
  readonly oldestWaitingSinceMs?: number;
  readonly runningCount: number;
  /** When a job last began or ended. */
  readonly lastUsedAtMs?: number;
  /** How long its tasks may wait while other pools on its devices admit new work. */
  readonly maxWaitMs: number;
  /** Absent: it stays until its memory is needed. */
  readonly idleUnloadMs?: number;
  /** The pool for which it is held. */
  readonly heldFor?: PoolId;
  /** How long it takes until what it runs has ended, as measured or believed; 0 while nothing is known. */
  readonly drainMs: number;
  /** How long a load takes, as measured; 0 before the first time. */
  readonly loadMs: number;
}

/** What a replica is to a swap. */
export type SwapReplicaState = 'unloaded' | 'loading' | 'loaded' | 'unloading' | 'failed';

/** A replica as a swap sees it. */
export interface SwapReplica {
  readonly replicaId: string;
  readonly poolId: PoolId;
  readonly state: SwapReplicaState;
  /** The sets of devices on which it may be loaded; an empty set is the CPU. */
  readonly sets: readonly (readonly DeviceId[])[];
  /** Where it is, unless it is unloaded or failed. */
  readonly devices?: readonly DeviceId[];
  /** Device memory it takes, over all of its devices, as measured at its last load; absent before the first. */
  readonly footprintBytes?: number;
  readonly loadedAtMs?: number;
}

/** Everything {@link planSwap} decides on. */
export interface SwapSituation {
  readonly nowMs: number;
  /** As measured just now. */
  readonly devices: readonly DeviceReading[];
  readonly pools: readonly SwapPool[];
  readonly replicas: readonly SwapReplica[];
}

/** A replica to load, once those to evict on its devices are gone. */
export interface PlannedLoad {
  readonly replicaId: string;
  readonly devices: readonly DeviceId[];
  readonly reason: string;
}

/** A replica to unload. */
export interface PlannedUnload {
  readonly replicaId: string;
  readonly cause: 'evicted' | 'idle' | 'unwanted';
  readonly reason: string;
}

/** A pool that gets no new job, so that it drains. */
export interface PlannedHold {
  readonly poolId: PoolId;
  readonly forPoolId: PoolId;
  readonly reason: string;
}

/** Why a pool that should be loaded is not. */
export interface PlannedWait {
  readonly poolId: PoolId;
  readonly reason: string;
}

/** What to do now. */
export interface SwapPlan {
  readonly loads: readonly PlannedLoad[];
  readonly unloads: readonly PlannedUnload[];
  /** All pools to hold; every other pool is released. */
  readonly holds: readonly PlannedHold[];
  readonly waits: readonly PlannedWait[];
  /** When time alone changes the answer; absent: never. */
  readonly nextCheckAtMs?: number;
}
