// SPDX-License-Identifier: MIT

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const SCALES = ['k', 'M', 'B', 'T'] as const;

/** Bytes for people: `512 B`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : scaled(bytes, 1024, UNITS).join(' ');
}

/** A count for people: `950`, `1.2 M`, `70 B` for 70 thousand millions, as models are called. */
export function formatCount(count: number): string {
  return count < 1000 ? String(count) : scaled(count, 1000, SCALES).join(' ');
}

function scaled(value: number, step: number, units: readonly string[]): readonly [string, string] {
  let power = 0;
  let rest = value;
  for (; rest >= step && power < units.length; power += 1) rest /= step;
  return [rest < 10 ? rest.toFixed(1) : String(Math.round(rest)), units[power - 1] ?? ''];
}
