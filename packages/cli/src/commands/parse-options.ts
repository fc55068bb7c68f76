// SPDX-License-Identifier: MIT
import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A whole number of at least 1. */
export function parseCount(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('It is no whole number from 1.');
  return Number(value);
}

/** A whole number of at least 0. */
export function parseSeed(value: string): number {
  if (!/^\d{1,10}$/.test(value)) throw new InvalidArgumentError('It is no whole number from 0.');
  return Number(value);
}

/** A time such as `1500ms`, `30s`, `5m` or `2h`, in milliseconds. */
export function parseDuration(value: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})(ms|s|m|h)$/.exec(value) ?? [];
  const unitMs = UNIT_MS[unit];
  if (amount === undefined || unitMs === undefined) {
    throw new InvalidArgumentError('It is no time such as 1500ms, 30s, 5m or 2h.');
  }
  return Number(amount) * unitMs;
}
