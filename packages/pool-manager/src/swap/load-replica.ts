// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { DeviceId, DeviceProvider, DeviceReading } from '../devices/device-provider.ts';
import type { ReplicaRow } from './swap-table.ts';

/** A driver may take a moment to give back the memory of a process that has ended. */
const SETTLE_STEPS = 5;
const SETTLE_STEP_MS = 200;

/** What a load is given. */
export interface LoadOrder {
  readonly row: ReplicaRow;
  readonly devices: readonly DeviceId[];
  /** Ends when those who leave these devices are gone. */
  readonly cleared: Promise<unknown>;
  /** Nobody wants it any more. */
  readonly signal: AbortSignal;
}

/** What a load takes from outside. */
export interface LoadPorts {
  readonly clock: Clock;
  readonly devices: DeviceProvider;
}

/**
 * Loads a replica and measures what it takes: the difference in free memory around the load. Rejects POOL_UNREADY when there is less
 * memory than it took last time, when `signal` aborts (nothing of it is left then), or as the replica's own `load` does.
 */
export async function loadReplica({ row, devices, cleared, signal }: LoadOrder, ports: LoadPorts): Promise<void> {
  await cleared;
  // ORCH-1421: read again before every load, since strangers come and go.
  const before = await readSettled({ row, devices, signal }, ports);
  if (signal.aborted) throw new OrchError('POOL_UNREADY', { message: 'Nothing waits for this load any more.' });
  const startedAtMs = ports.clock.nowMs();
  const abort = (): void => void row.replica.unload();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const isChosen = devices.length > 0 || row.pool.wish.mask !== undefined;
    await row.replica.load(isChosen ? { devices } : {});
  } finally {
    signal.removeEventListener('abort', abort);
  }
  // It serves already while it is being measured.
  row.isReady = true;
  row.loadedAtMs = ports.clock.nowMs();
  row.loadMs = row.loadedAtMs - startedAtMs;
  const takenBytes = before === undefined ? undefined : difference(before, await freeBytes(devices, ports.devices));
  // A stranger that left meanwhile hides what was taken: what is known then stays known.
  if (takenBytes !== undefined && takenBytes > 0) row.footprintBytes = takenBytes;
}

/** Free memory of each device once it suffices; undefined where a device does not tell. */
async function readSettled(
  { row, devices, signal }: Omit<LoadOrder, 'cleared'>,
  ports: LoadPorts,
): Promise<readonly number[] | undefined> {
  const shareBytes = (row.footprintBytes ?? 0) / devices.length;
  for (let step = 0; ; step += 1) {
    const free = await freeBytes(devices, ports.devices);
    if (signal.aborted || free === undefined || free.every((bytes) => bytes >= shareBytes)) return free;
    if (step === SETTLE_STEPS) {
      const message = `The model took ${String(row.footprintBytes)} bytes last time, and less is free on ${devices.join(', ')}.`;
      throw new OrchError('POOL_UNREADY', { message });
    }
    const { promise, resolve } = Promise.withResolvers<undefined>();
    ports.clock.setTimer(SETTLE_STEP_MS, () => resolve(undefined));
    await promise;
  }
}

async function freeBytes(ids: readonly DeviceId[], devices: DeviceProvider): Promise<readonly number[] | undefined> {
  if (ids.length === 0) return undefined;
  const readings: readonly DeviceReading[] = await devices.read(new AbortController().signal).catch(() => []); // a tool that fails now is no reason not to load
  const free = ids.map((id) => readings.find((reading) => reading.id === id)?.freeBytes);
  return free.every((bytes) => bytes !== undefined) ? free : undefined;
}

function difference(before: readonly number[], after: readonly number[] | undefined): number | undefined {
  return after === undefined ? undefined : before.reduce((sum, bytes, at) => sum + bytes - (after[at] ?? 0), 0);
}
