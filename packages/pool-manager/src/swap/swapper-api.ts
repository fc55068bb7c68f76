// SPDX-License-Identifier: MIT
import type { Clock, Logger, PoolId, PoolOperations } from '@llama-orch/orchestrator-core';
import type { DeviceWish } from '../devices/device-options.ts';
import type { DeviceId, DeviceProvider } from '../devices/device-provider.ts';
import type { ManagedReplica } from '../managed-replica.ts';

/** A pool whose replicas the swapper loads and unloads. */
export interface SwappedPool {
  readonly poolId: PoolId;
  readonly replicas: readonly SwappedReplica[];
  readonly wish: DeviceWish;
  /** The group it shares devices with; absent: it shares none. */
  readonly groupId?: string;
  /** Whether pools of its group may be in memory at the same time where they fit. */
  readonly together: boolean;
  /** Never evicted, never unloaded for idleness. */
  readonly isPinned: boolean;
  /** Loaded from the start; else when work waits. */
  readonly loadAtStart: boolean;
  /** How long its tasks may wait while other pools on its devices admit new work. */
  readonly maxWaitMs: number;
  /** Absent: it stays until its memory is needed. */
  readonly idleUnloadMs?: number;
}

/** A replica of a {@link SwappedPool}. */
export interface SwappedReplica {
  readonly replica: Pick<ManagedReplica, 'id' | 'adapter' | 'load' | 'unload' | 'view'>;
  /** What its model is believed to take, over all of its devices; what is measured at the first load counts from then on. */
  readonly footprintBytes?: number;
}

/** What {@link createSwapper} is made from. */
export interface SwapperOptions {
  readonly pools: readonly SwappedPool[];
  readonly demand: Pick<PoolOperations, 'demand' | 'watchDemand' | 'holdPool'>;
  readonly devices: DeviceProvider;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Something the swapper did, and why. */
export interface SwapDecision {
  readonly atMs: number;
  readonly kind: 'load' | 'evicted' | 'idle' | 'unwanted' | 'operator';
  readonly poolId: PoolId;
  readonly replicaId: string;
  readonly devices: readonly DeviceId[];
  readonly reason: string;
}

/** A pool as the swapper sees it. */
export interface SwappedPoolView {
  readonly poolId: PoolId;
  /** It gets no new job, so that its devices come free for a pool that has waited long enough. */
  readonly isHeld: boolean;
  /** Why it is not loaded although somebody wants it, or held. */
  readonly reason?: string;
  readonly replicas: readonly {
    readonly id: string;
    /** Where it is. */
    readonly devices?: readonly DeviceId[];
    /** Device memory it takes, as measured at its last load. */
    readonly footprintBytes?: number;
  }[];
}

/** Loads and unloads replicas as work comes and goes; see {@link planSwap} for the rules. */
export interface Swapper {
  /** Begins; loads what is to be loaded from the start. Idempotent. */
  start(): void;
  /** Other pools from now on. A replica that stays keeps what is known of it; one that goes is the caller's to unload. */
  setPools(pools: readonly SwappedPool[]): void;
  /**
   * Loads a pool for an operator and resolves when as many of its replicas as have room are ready. Idempotent. Rejects NOT_FOUND, and
   * with what kept a replica from being loaded.
   */
  load(poolId: PoolId): Promise<void>;
  /** Unloads a pool when what it runs has ended, and resolves then; waiting work loads it again. Idempotent. Rejects NOT_FOUND. */
  unload(poolId: PoolId): Promise<void>;
  view(): readonly SwappedPoolView[];
  /** What was done last, oldest first, at most 100. */
  decisions(): readonly SwapDecision[];
  /** Decides nothing more, releases every hold, and resolves when loads and unloads in flight have ended; unloads nothing. */
  close(): Promise<void>;
}
