// SPDX-License-Identifier: MIT
import type { Logger } from '@llama-orch/orchestrator-core';
import { createAmdDeviceProvider } from './amd-devices.ts';
import { createAppleDeviceProvider } from './apple-devices.ts';
import type { DeviceProvider } from './device-provider.ts';
import { createNvidiaDeviceProvider } from './nvidia-devices.ts';

/** Settings of {@link createSystemDeviceProvider}. */
export interface SystemDevicesOptions {
  readonly logger: Logger;
  /** How long each vendor's tool may take; default 5,000 ms. */
  readonly timeoutMs?: number;
  /** Asked all at once; default those of NVIDIA, AMD and Apple. */
  readonly providers?: readonly DeviceProvider[];
}

/**
 * Every device of this machine. A vendor whose tool fails hides no device of another; rejects with the first fault only when nothing
 * else was found, since "there is no device" would be a guess then.
 */
export function createSystemDeviceProvider({ logger, providers, timeoutMs }: SystemDevicesOptions): DeviceProvider {
  const tool = timeoutMs === undefined ? {} : { timeoutMs };
  const vendors = [createNvidiaDeviceProvider, createAmdDeviceProvider, createAppleDeviceProvider];
  const asked = providers ?? vendors.map((create) => create(tool));
  return {
    async read(signal) {
      const answers = await Promise.allSettled(asked.map((provider) => provider.read(signal)));
      const devices = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      const faults = answers.flatMap((answer): unknown[] => (answer.status === 'rejected' ? [answer.reason] : []));
      if (faults.length > 0 && devices.length === 0) throw faults[0];
      for (const fault of faults) logger.log('warn', 'Some devices cannot be read.', { reason: String(fault) });
      return devices;
    },
  };
}
