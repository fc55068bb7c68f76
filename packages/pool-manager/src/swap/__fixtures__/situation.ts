// SPDX-License-Identifier: MIT
import type { PoolId } from '@llama-orch/orchestrator-core';
import type { DeviceId, DeviceReading } from '../../devices/device-provider.ts';
import type { SwapPool, SwapReplica, SwapSituation } from '../swap-situation.ts';

export const GIB = 1024 ** 3;
export const CARD: DeviceId = 'nvidia:0';

/** A card of 24 GiB unless told otherwise; `freeBytes` is what nobody holds. */
export function card(freeBytes: number | undefined, id: DeviceId = CARD): DeviceReading {
  const memory = freeBytes === undefined ? {} : { totalBytes: 24 * GIB, freeBytes };
  return { id, vendor: 'nvidia', name: 'Fake', ...memory };
}

/** A pool nobody needs, of a group whose pools may live together. */
export function pool(id: string, fields: Partial<SwapPool> = {}): SwapPool {
  return {
    poolId: id as PoolId,
    groupId: 'models',
    together: true,
    isPinned: false,
    isWanted: false,
    waitingCount: 0,
    runningCount: 0,
    maxWaitMs: 60_000,
    drainMs: 0,
    loadMs: 0,
    ...fields,
  };
}

/** The replica of a pool of the same name. */
export function replica(id: string, fields: Partial<SwapReplica> = {}): SwapReplica {
  const state = fields.state ?? 'unloaded';
  return {
    replicaId: id,
    poolId: id as PoolId,
    state,
    sets: [[CARD]],
    ...(state === 'unloaded' ? {} : { devices: [CARD], loadedAtMs: 0 }),
    footprintBytes: 8 * GIB,
    ...fields,
  };
}

/** Work that waits since `sinceMs`. */
export function waiting(sinceMs: number, count = 1): Pick<SwapPool, 'waitingCount' | 'oldestWaitingSinceMs'> {
  return { waitingCount: count, oldestWaitingSinceMs: sinceMs };
}

/** A situation at 100 s on one full card. */
export function situation(fields: Partial<SwapSituation> & Pick<SwapSituation, 'pools' | 'replicas'>): SwapSituation {
  return { nowMs: 100_000, devices: [card(0)], ...fields };
}
