// SPDX-License-Identifier: MIT

/** A duration to the microsecond: what clocks give beyond that is noise. */
export function roundMs<T extends number | undefined>(ms: T): T;
export function roundMs(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 1_000) / 1_000;
}
