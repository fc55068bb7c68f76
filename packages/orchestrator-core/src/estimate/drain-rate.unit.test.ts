// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { DrainRate } from './drain-rate.ts';

function busy(intervalMs: number, count = 10): DrainRate {
  const drain = new DrainRate();
  for (let start = 0; start <= count; start += 1) drain.left(start * intervalMs, 5);
  return drain;
}

/** What a client is told that is refused now. */
function told(drain: DrainRate, nowMs: number): number {
  const waitMs = drain.retryAfterMs(nowMs);
  drain.book(nowMs);
  return waitMs;
}

verifies('ORCH-1253', 'what is told follows the time between starts, within its limits', () => {
  expect(new DrainRate().retryAfterMs(0)).toBe(1_000);
  expect([busy(2_000).retryAfterMs(0), busy(10).retryAfterMs(0), busy(90_000).retryAfterMs(0)]).toEqual([
    2_000, 250, 60_000,
  ]);
  const changed = busy(2_000);
  for (let start = 1; start <= 32; start += 1) changed.left(20_000 + start * 400, 5);
  expect(changed.retryAfterMs(0)).toBe(400);
});

verifies('ORCH-1253', 'an idle pool is not a slow one', () => {
  const drain = busy(500);
  drain.left(5_500, 0);
  drain.left(1_000_000, 3);
  drain.left(1_000_500, 3);
  expect(drain.retryAfterMs(0)).toBe(500);
});

verifies('ORCH-1253', 'clients that are refused together are told different moments, up to a bound', () => {
  const drain = busy(500);
  expect([told(drain, 10_000), told(drain, 10_000), told(drain, 10_400)]).toEqual([500, 1_000, 1_100]);
  for (let count = 0; count < 10_000; count += 1) expect(told(drain, 10_500)).toBeLessThanOrEqual(60_000);
  expect(told(drain, 10_500 + 256 * 500)).toBe(500);
});

verifies('ORCH-1253', 'another process goes on with what was measured', () => {
  const next = new DrainRate();
  next.restore(busy(700).intervalsMs);
  expect(next.retryAfterMs(0)).toBe(700);
});

verifies(
  'ORCH-1253',
  'at twice the capacity, clients that obey are refused at most half as often as impatient ones',
  () => {
    for (const serviceMs of [200, 1_000, 4_000]) {
      const obeying = simulate(serviceMs, (toldMs) => toldMs);
      const impatient = simulate(serviceMs, () => 1_000);
      expect(obeying.accepted).toBeGreaterThan(0.9 * impatient.accepted);
      expect(obeying.refusals / obeying.clients).toBeLessThanOrEqual(impatient.refusals / impatient.clients / 2);
    }
  },
);

/** Four slots, ten places, clients at twice the rate that the slots can serve; each comes back until it is taken. */
function simulate(
  serviceMs: number,
  waitMs: (toldMs: number) => number,
): Record<'clients' | 'refusals' | 'accepted', number> {
  const slots = 4;
  const places = 10;
  const arrivalMs = serviceMs / slots / 2;
  const endMs = 150 * serviceMs;
  const drain = new DrainRate();
  const tally = { clients: 0, refusals: 0, accepted: 0 };
  let waiting = 0;
  let running = 0;
  const events: { readonly atMs: number; readonly kind: 'arrive' | 'return' | 'end' }[] = [{ atMs: 0, kind: 'arrive' }];
  const add = (atMs: number, kind: 'arrive' | 'return' | 'end'): void => {
    const place = events.findIndex((other) => other.atMs > atMs);
    events.splice(place < 0 ? events.length : place, 0, { atMs, kind });
  };
  for (let event = events.shift(); event !== undefined && event.atMs < endMs; event = events.shift()) {
    const { atMs, kind } = event;
    if (kind === 'end') running -= 1;
    else if (waiting >= places) {
      tally.refusals += 1;
      add(atMs + waitMs(told(drain, atMs)), 'return');
    } else {
      waiting += 1;
      tally.accepted += 1;
    }
    if (kind === 'arrive') {
      tally.clients += 1;
      add(atMs + arrivalMs, 'arrive');
    }
    while (running < slots && waiting > 0) {
      waiting -= 1;
      running += 1;
      drain.left(atMs, waiting);
      add(atMs + serviceMs, 'end');
    }
  }
  return tally;
}
