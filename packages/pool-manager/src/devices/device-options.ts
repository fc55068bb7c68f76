// SPDX-License-Identifier: MIT
import type { DeviceId, DeviceReading } from './device-provider.ts';

/** What a pool says about devices. */
export interface DeviceWish {
  /** The only devices its replicas may use; absent: any. */
  readonly mask?: readonly DeviceId[];
  /** Never the CPU. */
  readonly requireGpu: boolean;
  /** The model lies on all devices of the mask at once; else on one of them. */
  readonly split: boolean;
}

/** Where a replica may be loaded: one of several sets of devices (an empty set is the CPU), or nowhere and why. */
export type DeviceOptions =
  | { readonly outcome: 'possible'; readonly sets: readonly (readonly DeviceId[])[] }
  | { readonly outcome: 'refused'; readonly reason: string };

/** Which sets of the devices that are there fit the wish. `fault` is why devices could not be read. */
export function deviceOptions(wish: DeviceWish, readings: readonly DeviceReading[], fault?: string): DeviceOptions {
  const { mask, requireGpu, split } = wish;
  const found = readings.map(({ id }) => id);
  const missing = mask?.find((id) => !found.includes(id));
  if (missing !== undefined) return refused(`Device ${missing} is not there; ${foundText(found, fault)}.`);
  const allowed = mask ?? found;
  if (allowed.length === 0) {
    // ORCH-1424: nothing is served on the CPU by accident.
    if (requireGpu) return refused(`The pool requires a GPU; ${foundText(found, fault)}. ${cureOf(fault)}`);
    return { outcome: 'possible', sets: [[]] };
  }
  // ORCH-1423: several devices only where the pool says so.
  if (!split) return { outcome: 'possible', sets: allowed.map((id) => [id]) };
  const vendors = new Set(allowed.map((id) => id.split(':')[0]));
  if (vendors.size > 1) return refused(`A model cannot be split over devices of ${[...vendors].join(' and ')}.`);
  return { outcome: 'possible', sets: [allowed] };
}

function refused(reason: string): DeviceOptions {
  return { outcome: 'refused', reason };
}

function foundText(found: readonly DeviceId[], fault: string | undefined): string {
  if (fault !== undefined) return `devices cannot be read (${fault.replace(/\.$/, '')})`;
  return found.length === 0 ? 'no device was found' : `found: ${found.join(', ')}`;
}

function cureOf(fault: string | undefined): string {
  return fault === undefined
    ? 'Install the driver and its tool (nvidia-smi or rocm-smi), or set require_gpu to false.'
    : 'Mend the driver, or set require_gpu to false.';
}
