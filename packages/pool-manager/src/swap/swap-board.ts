// SPDX-License-Identifier: MIT
import type { PoolId } from '@llama-orch/orchestrator-core';
import type { DeviceId } from '../devices/device-provider.ts';
import type { SwapPool, SwapReplica, SwapSituation } from './swap-situation.ts';

/** Most follow-ups of an agent come within ten seconds; after that waiting for one is a bad bet. */
const LONGEST_LINGER_MS = 10_000;

/** How another replica stands to somebody who needs its place. */
export type Standing = 'leaving' | 'idle' | 'yielding' | 'staying';

/** A situation that changes while a plan is made: what was decided first counts for what comes next. */
export class SwapBoard {
  readonly nowMs: number;
  readonly #pools: ReadonlyMap<PoolId, SwapPool>;
  readonly #replicas: Map<string, SwapReplica>;
  readonly #freeBytes: Map<DeviceId, number | undefined>;
  readonly #reserved = new Set<DeviceId>();

  constructor({ nowMs, pools, replicas, devices }: SwapSituation) {
    this.nowMs = nowMs;
    this.#pools = new Map(pools.map((pool) => [pool.poolId, pool]));
    this.#replicas = new Map(replicas.map((replica) => [replica.replicaId, replica]));
    this.#freeBytes = new Map(devices.map(({ id, freeBytes }) => [id, freeBytes]));
    // What leaves is as good as gone: a load waits for it.
    for (const replica of replicas) if (replica.state === 'unloading') this.#giveBack(replica);
  }

  get replicas(): readonly SwapReplica[] {
    return [...this.#replicas.values()];
  }

  poolOf({ poolId }: SwapReplica): SwapPool {
    const pool = this.#pools.get(poolId);
    if (pool === undefined) throw new Error(`A replica names the pool ${poolId}, which is not there.`);
    return pool;
  }

  /** Undefined where the device is not there or does not tell. */
  freeBytes(device: DeviceId): number | undefined {
    return this.#freeBytes.get(device);
  }

  isReserved(device: DeviceId): boolean {
    return this.#reserved.has(device);
  }

  /** Keeps devices for somebody whose time has come, so that a small model does not slip in before a large one. */
  reserve(devices: readonly DeviceId[]): void {
    for (const device of devices) this.#reserved.add(device);
  }

  /** Other replicas that are in the way of loading `replica` on `devices`: on the same device, or of a group that never meets. */
  occupants(replica: SwapReplica, devices: readonly DeviceId[]): readonly SwapReplica[] {
    return this.replicas.filter(
      (other) =>
        other.replicaId !== replica.replicaId &&
        other.devices !== undefined &&
        (other.devices.some((device) => devices.includes(device)) || this.#neverMeet(replica, other)),
    );
  }

  /** Whether two replicas may be in memory on one device. */
  mayShare(one: SwapReplica, other: SwapReplica): boolean {
    const [a, b] = [this.poolOf(one), this.poolOf(other)];
    // ORCH-1440: only a group that says so shares; replicas of one pool are no exception.
    return a.together && b.together && a.groupId !== undefined && a.groupId === b.groupId;
  }

  standing(other: SwapReplica, isDue: boolean): Standing {
    const pool = this.poolOf(other);
    if (other.state === 'unloading') return 'leaving';
    if (other.state !== 'loaded' || pool.isPinned) return 'staying';
    const isUsed = pool.runningCount > 0 || pool.waitingCount > 0;
    if (!isUsed && this.nowMs >= this.#lingerEndMs(other)) return 'idle';
    // One that was loaded for waiting work has its turn first, or two of them would only ever load.
    const hadTurn = pool.waitingCount === 0 || (this.#hasServed(other) && this.nowMs >= this.#turnEndMs(other));
    return isDue && hadTurn ? 'yielding' : 'staying';
  }

  /** When time alone may change how a loaded replica stands; in the past when it does not. */
  changesAtMs(replica: SwapReplica): number {
    const { runningCount, waitingCount } = this.poolOf(replica);
    return runningCount + waitingCount === 0 ? this.#lingerEndMs(replica) : this.#turnEndMs(replica);
  }

  /** When it was last of use. */
  idleSinceMs(replica: SwapReplica): number {
    return Math.max(this.poolOf(replica).lastUsedAtMs ?? -Infinity, replica.loadedAtMs ?? -Infinity);
  }

  markLeaving(replica: SwapReplica): void {
    this.#replicas.set(replica.replicaId, { ...replica, state: 'unloading' });
    this.#giveBack(replica);
  }

  markLoading(replica: SwapReplica, devices: readonly DeviceId[]): void {
    this.#replicas.set(replica.replicaId, { ...replica, state: 'loading', devices });
  }

  /** An idle one waits for a follow-up as long as it would cost to load it again, within reason. */
  #lingerEndMs(replica: SwapReplica): number {
    return this.idleSinceMs(replica) + Math.min(this.poolOf(replica).loadMs, LONGEST_LINGER_MS);
  }

  /** A turn lasts as long as its load took: under more work than the devices can do, loading never takes more than half of the time. */
  #turnEndMs(replica: SwapReplica): number {
    return (replica.loadedAtMs ?? -Infinity) + this.poolOf(replica).loadMs;
  }

  #hasServed(replica: SwapReplica): boolean {
    const { runningCount, lastUsedAtMs = -Infinity } = this.poolOf(replica);
    return runningCount > 0 || lastUsedAtMs >= (replica.loadedAtMs ?? Infinity);
  }

  #neverMeet(one: SwapReplica, other: SwapReplica): boolean {
    const [a, b] = [this.poolOf(one), this.poolOf(other)];
    return a.groupId !== undefined && a.groupId === b.groupId && !(a.together && b.together);
  }

  #giveBack({ devices = [], footprintBytes = 0 }: SwapReplica): void {
    for (const device of devices) {
      const free = this.#freeBytes.get(device);
      if (free !== undefined) this.#freeBytes.set(device, free + footprintBytes / devices.length);
    }
  }
}
