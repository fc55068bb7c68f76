// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { PhaseTimer } from './phase-timer.ts';

const LIMIT_MS = 1_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How long after its last progress an exchange expires that made progress at these times. */
async function expiresAfterMs(...progressAtMs: readonly number[]): Promise<number> {
  let progressCount = 0;
  let expiredAtMs: number | undefined;
  const startMs = performance.now();
  const timer = new PhaseTimer({
    get progressCount() {
      return progressCount;
    },
    onAlarm: () => expect.fail('nobody asked for it'),
    onExpired: () => (expiredAtMs = performance.now()),
  });
  timer.start('connect', LIMIT_MS * 5);
  timer.start('idle', LIMIT_MS);
  for (const atMs of progressAtMs) {
    await vi.advanceTimersByTimeAsync(startMs + atMs - performance.now());
    progressCount += 1;
  }
  const lastMs = performance.now();
  await vi.advanceTimersByTimeAsync(LIMIT_MS * 2);
  timer.stop();
  return (expiredAtMs ?? Infinity) - lastMs;
}

verifies('ORCH-4058', 'a pause is noticed no earlier than its limit, and at most a quarter of it late', async () => {
  for (const last of [0, 1, 249, 250, 251, 600, 999, 1_000, 1_777]) {
    const afterMs = await expiresAfterMs(...[500, 1_000, 1_500].filter((atMs) => atMs < last), last);
    expect(afterMs, `${last}`).toBeGreaterThanOrEqual(LIMIT_MS);
    expect(afterMs, `${last}`).toBeLessThanOrEqual(LIMIT_MS * 1.25 + 1 /* whole milliseconds */);
  }
});

verifies('ORCH-4058', 'an alarm comes once, when it was asked for, and changes no limit', async () => {
  for (const alarmMs of [1, 400, 1_000, 1_400]) {
    const seen: (readonly [what: string, atMs: number])[] = [];
    const startMs = performance.now();
    const note = (what: string): number => seen.push([what, performance.now() - startMs]);
    const timer = new PhaseTimer({
      progressCount: 0,
      onAlarm: () => note('alarm'),
      onExpired: () => note('expired'),
    });
    timer.setAlarm(alarmMs);
    timer.start('connect', LIMIT_MS * 5);
    await vi.advanceTimersByTimeAsync(500);
    timer.start('idle', LIMIT_MS);
    await vi.advanceTimersByTimeAsync(LIMIT_MS * 2);
    timer.stop();
    const { alarm = NaN, expired = NaN, ...others } = Object.fromEntries(seen);
    expect([seen.length, others]).toEqual([2, {}]);
    expect(alarm).toBeGreaterThanOrEqual(alarmMs);
    expect(alarm).toBeLessThanOrEqual(alarmMs + 1 /* whole milliseconds */);
    expect(expired).toBeGreaterThanOrEqual(500 + LIMIT_MS);
    expect(expired).toBeLessThanOrEqual(500 + LIMIT_MS * 1.25 + 1);
  }
});
