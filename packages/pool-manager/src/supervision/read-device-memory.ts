// SPDX-License-Identifier: MIT
import type { DeviceMemory } from '@llama-orch/worker-adapter-api';
import type { DeviceId, DeviceProvider } from '../devices/device-provider.ts';

/** What is read, and of which devices. */
export interface DeviceMemoryOptions {
  readonly provider: DeviceProvider | undefined;
  /** The devices that the engine runs on; undefined when nobody chose them. */
  readonly mask: readonly DeviceId[] | undefined;
}

/** The room on the devices of an engine; undefined when it runs on none, or when one of them cannot be read. */
export async function readDeviceMemory(
  { provider, mask }: DeviceMemoryOptions,
  signal: AbortSignal,
): Promise<readonly DeviceMemory[] | undefined> {
  if (provider === undefined || mask === undefined || mask.length === 0) return undefined;
  // A tool that fails now and then costs a preference in placement, not the engine's other readings.
  const readings = await provider.read(signal).catch(() => []);
  const rooms = readings
    .filter(({ id }) => mask.includes(id))
    .flatMap(({ id, freeBytes }) => (freeBytes === undefined ? [] : { id, freeBytes }));
  return rooms.length === mask.length ? rooms : undefined;
}
