// SPDX-License-Identifier: MIT
import type { Pool } from '@llama-orch/config-schema';
import type { DeviceReading } from '@llama-orch/pool-manager';

/** What decides whether new engines are loaded beside the old ones. */
export interface RoomQuestion {
  readonly section: Pool;
  /** Memory its model is believed to take; undefined when nobody knows. */
  readonly footprintBytes: number | undefined;
  readonly readings: readonly DeviceReading[];
}

/** Whether a second crew finds port and memory while the first one serves. What is not known is tried. */
export function fitsBeside({ section, footprintBytes, readings }: RoomQuestion): boolean {
  // A port has one owner.
  if (section.engine?.port !== undefined) return false;
  const cards = readings.filter(({ id }) => section.devices?.includes(id) ?? true);
  if (footprintBytes === undefined || cards.length === 0) return true;
  const shareBytes = section.split ? footprintBytes / cards.length : footprintBytes;
  const holds = ({ freeBytes }: DeviceReading): boolean => freeBytes === undefined || freeBytes >= shareBytes;
  return section.split ? cards.every(holds) : cards.some(holds);
}
