// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { retryAfterMsOf } from './retry-after.ts';

const read = (headers: Readonly<Record<string, string>>): number | undefined =>
  retryAfterMsOf(new Map(Object.entries(headers)));

verifies('ORCH-4075', 'milliseconds go before seconds, and what is no time counts as absent', () => {
  for (const [headers, ms] of [
    [{}, undefined],
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '3', 'retry-after-ms': '1500' }, 1_500],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after-ms': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': '86401' }, undefined],
    [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, undefined],
  ] as const) {
    expect([headers, read(headers)]).toEqual([headers, ms]);
  }
});

verifies('ORCH-4075', 'a date is the time until then', () => {
  const ms = read({ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() });
  expect(ms).toBeGreaterThan(3_000_000);
  expect(ms).toBeLessThanOrEqual(3_600_000);
});
