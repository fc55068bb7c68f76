// SPDX-License-Identifier: MIT
import type { Meter } from '@llama-orch/orchestrator-core';
import type { DeviceProvider } from '@llama-orch/pool-manager';

/** A scrape does not wait longer for a driver. */
const LIMIT_MS = 500;

/** What devices are read for, and where the readings go. */
export interface DeviceReadingParts {
  readonly devices: DeviceProvider;
  readonly meter: Meter;
}

/** Reads every card for one scrape. A card that does not answer keeps its last figures. */
export async function readDevices({ devices, meter }: DeviceReadingParts): Promise<void> {
  // That the driver is broken is told by the pools that need it, not by a scrape that fails.
  const readings = await devices.read(AbortSignal.timeout(LIMIT_MS)).catch(() => []);
  for (const { id: device, totalBytes, freeBytes, utilizationRatio } of readings) {
    if (utilizationRatio !== undefined) meter.set('gpu_utilization', { device }, utilizationRatio);
    if (totalBytes === undefined || freeBytes === undefined) continue;
    meter.set('vram_used_bytes', { device }, totalBytes - freeBytes);
  }
}
