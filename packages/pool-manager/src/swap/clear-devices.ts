// SPDX-License-Identifier: MIT
import type { DeviceId } from '../devices/device-provider.ts';
import type { SwapBoard } from './swap-board.ts';
import type { SwapReplica } from './swap-situation.ts';

/** Somebody who needs devices. */
export interface DeviceNeed {
  readonly replica: SwapReplica;
  readonly devices: readonly DeviceId[];
  /** It has waited as long as it may: work of others is held back for it. */
  readonly isDue: boolean;
}

/** How devices are cleared for a load, or why they cannot be now. */
export interface Clearance {
  readonly devices: readonly DeviceId[];
  /** Idle ones to unload. */
  readonly evict: readonly SwapReplica[];
  /** Ones whose work is held back, to be unloaded once idle. */
  readonly drain: readonly SwapReplica[];
  /** Absent: the load may begin once those to evict are gone, and `drain` is empty. */
  readonly obstacle?: string;
}

/** What is needed to clear a set of devices for a replica: what may not live beside it, then by age what takes the memory. */
export function clearDevices(board: SwapBoard, need: DeviceNeed): Clearance {
  const { replica, devices, isDue } = need;
  const reserved = devices.find((device) => board.isReserved(device));
  if (reserved !== undefined) return blocked(need, `${reserved} is being cleared for a pool that waits longer.`);
  const occupants = board.occupants(replica, devices).filter(({ state }) => state !== 'unloading');
  const loading = occupants.find(({ state }) => state === 'loading');
  if (loading !== undefined) return blocked(need, `${loading.poolId} is being loaded there.`);
  const mayStay = (other: SwapReplica): boolean => canStay(board, replica, other);
  const mustGo = occupants.filter((other) => !mayStay(other));
  const fixed = mustGo.find((other) => board.standing(other, isDue) === 'staying');
  if (fixed !== undefined) return blocked(need, whyItStays(board, fixed));
  const goes = [...mustGo, ...forMemory(board, need, { mustGo, optional: occupants.filter(mayStay) })];
  const short = shortDevice(board, need, goes);
  if (short !== undefined) return blocked(need, short);
  const isIdle = (other: SwapReplica): boolean => board.poolOf(other).runningCount === 0;
  return { devices, evict: goes.filter(isIdle), drain: goes.filter((other) => !isIdle(other)) };
}

function blocked({ devices }: DeviceNeed, obstacle: string): Clearance {
  return { devices, evict: [], drain: [], obstacle };
}

function canStay(board: SwapBoard, replica: SwapReplica, other: SwapReplica): boolean {
  if (!board.mayShare(replica, other)) return false;
  const isMeasured = (other.devices ?? []).every((device) => board.freeBytes(device) !== undefined);
  // A model that was never measured, or a device that tells no memory: as much room is made as there can be.
  return board.poolOf(other).isPinned || (replica.footprintBytes !== undefined && isMeasured);
}

/** The least recently used that must go for its memory, and none that need not. */
function forMemory(
  board: SwapBoard,
  need: DeviceNeed,
  { mustGo, optional }: { mustGo: readonly SwapReplica[]; optional: readonly SwapReplica[] },
): readonly SwapReplica[] {
  const fits = (goes: readonly SwapReplica[]): boolean => shortDevice(board, need, [...mustGo, ...goes]) === undefined;
  const standings = new Map(optional.map((other) => [other, board.standing(other, need.isDue)]));
  // ORCH-1442: least recently used among the idle, then those that yield; no more than needed.
  const byAge = optional
    .filter((other) => standings.get(other) !== 'staying')
    .sort(
      (a, b) =>
        Number(standings.get(a) === 'yielding') - Number(standings.get(b) === 'yielding') ||
        board.idleSinceMs(a) - board.idleSinceMs(b),
    );
  let goes: readonly SwapReplica[] = [];
  for (const other of byAge) if (!fits(goes)) goes = [...goes, other];
  for (const other of goes.toReversed()) {
    const fewer = goes.filter((each) => each !== other);
    if (fits(fewer)) goes = fewer;
  }
  return goes;
}

/** In which device's memory the model does not fit even when `goes` are gone, as a sentence. */
function shortDevice(
  board: SwapBoard,
  { replica, devices }: DeviceNeed,
  goes: readonly SwapReplica[],
): string | undefined {
  const { footprintBytes } = replica;
  if (footprintBytes === undefined) return undefined;
  // ORCH-1423: equal shares, so the smallest device of the mask is the cap.
  const shareBytes = footprintBytes / devices.length;
  for (const device of devices) {
    const free = board.freeBytes(device);
    if (free === undefined) continue;
    const freed = goes
      .filter((other) => other.devices?.includes(device))
      .reduce((sum, other) => sum + (other.footprintBytes ?? 0) / (other.devices?.length ?? 1), 0);
    if (free + freed < shareBytes) {
      return `${device} has ${mebibytes(free + freed)} MiB free at most, ${mebibytes(shareBytes)} MiB are needed.`;
    }
  }
  return undefined;
}

function whyItStays(board: SwapBoard, other: SwapReplica): string {
  const { isPinned, runningCount, waitingCount } = board.poolOf(other);
  if (isPinned) return `${other.poolId} is there and pinned.`;
  if (runningCount > 0) return `${other.poolId} is there and works.`;
  if (waitingCount > 0) return `${other.poolId} has just been loaded for work that waits.`;
  return `${other.poolId} is there and may get a follow-up.`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1024 * 1024));
}
