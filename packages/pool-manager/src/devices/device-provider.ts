// SPDX-License-Identifier: MIT

/** Who makes a device. */
export type DeviceVendor = 'nvidia' | 'amd' | 'apple';

/** A device of this machine: its vendor and its number as the vendor's tool counts, as in `nvidia:0`. */
export type DeviceId = `${DeviceVendor}:${number}`;

/** A device as it is now. A figure that the device does not tell is absent. */
export interface DeviceReading {
  readonly id: DeviceId;
  readonly vendor: DeviceVendor;
  readonly name: string;
  /** Absent where device and host share their memory and the device tells no share. */
  readonly totalBytes?: number;
  /** What no process holds, ours or foreign. */
  readonly freeBytes?: number;
  readonly driver?: string;
  /** 0 to 1. */
  readonly utilizationRatio?: number;
}

/** Finds devices and reads them. */
export interface DeviceProvider {
  /**
   * The devices as they are at this moment, in order of their ids; none on a machine without any. Rejects OrchError INTERNAL when
   * devices cannot be read although their tool is there: no driver, no answer in time, an answer nobody understands.
   */
  read(signal: AbortSignal): Promise<readonly DeviceReading[]>;
}

/** Whether a text is written like a {@link DeviceId}. */
export function isDeviceId(text: string): text is DeviceId {
  return /^(nvidia|amd|apple):\d+$/.test(text);
}
