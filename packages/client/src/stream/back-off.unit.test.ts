// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { backOffMs, RECONNECT_DEFAULTS } from './back-off.ts';

verifies('ORCH-2514', 'waits double from 250 ms up to 10 s', () => {
  const waits = [1, 2, 3, 6, 7, 50].map((failureCount) => backOffMs({ failureCount, random: 0 }, RECONNECT_DEFAULTS));
  expect(waits).toEqual([250, 500, 1000, 8000, 10_000, 10_000]);
});

verifies('ORCH-2514', 'jitter takes off up to half', () => {
  const waits = [0, 0.5, 1].map((random) => backOffMs({ failureCount: 3, random }, RECONNECT_DEFAULTS));
  expect(waits).toEqual([1000, 750, 500]);
});

verifies('ORCH-2514', 'the wait the service asked for is a lower bound', () => {
  const wait = (retryAfterMs: number): number =>
    backOffMs({ failureCount: 3, random: 0, retryAfterMs }, RECONNECT_DEFAULTS);
  expect([wait(400), wait(60_000)]).toEqual([1000, 60_000]);
});
