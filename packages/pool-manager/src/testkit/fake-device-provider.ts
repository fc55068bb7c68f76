// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { DeviceId, DeviceProvider, DeviceReading } from '../devices/device-provider.ts';

/** A device that exists in a test only. */
export interface FakeDevice {
  readonly id: DeviceId;
  /** Absent: the device tells no memory, as where it shares the host's. */
  readonly totalBytes?: number;
}

/** Devices as a test wants them: memory taken and given back, foreign processes, faults. */
export class FakeDeviceProvider implements DeviceProvider {
  readonly #devices: readonly FakeDevice[];
  readonly #takenBytes = new Map<DeviceId, number>();
  #fault: string | undefined;
  /** How often the devices were read. */
  readCount = 0;

  constructor(devices: readonly FakeDevice[]) {
    this.#devices = devices;
  }

  async read(_signal: AbortSignal): Promise<readonly DeviceReading[]> {
    this.readCount += 1;
    if (this.#fault !== undefined) throw new OrchError('INTERNAL', { message: this.#fault });
    return this.#devices.map(({ id, totalBytes }) => ({
      id,
      vendor: id.split(':')[0] as DeviceReading['vendor'],
      name: `Fake ${id}`,
      ...(totalBytes === undefined ? {} : { totalBytes, freeBytes: this.freeBytes(id) }),
    }));
  }

  /** What nobody holds on a device, in bytes; below zero when more was taken than there is. */
  freeBytes(id: DeviceId): number {
    const total = this.#devices.find((device) => device.id === id)?.totalBytes ?? 0;
    return total - (this.#takenBytes.get(id) ?? 0);
  }

  /** Somebody takes memory on a device, one of ours or a stranger; a negative number gives it back. */
  take(id: DeviceId, bytes: number): void {
    this.#takenBytes.set(id, (this.#takenBytes.get(id) ?? 0) + bytes);
  }

  /** From now on reading fails with this message; undefined mends it. */
  failWith(message: string | undefined): void {
    this.#fault = message;
  }
}
