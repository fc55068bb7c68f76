// SPDX-License-Identifier: MIT
import type { DeviceId } from './device-provider.ts';

/** Variables of an engine's process that say which devices it may see. */
export type MaskEnvironment = Readonly<Record<string, string>>;

const NO_DEVICE = '-1';

/**
 * The variables that keep an engine on its devices, which are all of one vendor. No devices means the CPU; undefined means that nobody
 * chose, and the engine sees what it finds.
 */
export function maskEnvironment(devices: readonly DeviceId[] | undefined): MaskEnvironment {
  if (devices === undefined) return {};
  const indexes = devices.map((id) => id.slice(id.indexOf(':') + 1)).join(',');
  // ORCH-1422: an engine that cannot see a device cannot use it. CUDA counts as `nvidia-smi` does only when told to.
  switch (devices[0]?.split(':')[0]) {
    case undefined:
      return { CUDA_VISIBLE_DEVICES: NO_DEVICE, HIP_VISIBLE_DEVICES: NO_DEVICE };
    case 'nvidia':
      return { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: indexes, HIP_VISIBLE_DEVICES: NO_DEVICE };
    case 'amd':
      // HIP obeys CUDA_VISIBLE_DEVICES too, so it must not be set to hide NVIDIA devices.
      return { ROCR_VISIBLE_DEVICES: indexes };
    default:
      return {};
  }
}
