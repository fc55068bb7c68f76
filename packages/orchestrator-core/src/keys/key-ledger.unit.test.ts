// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import { NOTHING, type Amounts } from '../budget/budget.ts';
import type { KeptKey } from '../store/task-store.ts';
import type { KeyId } from '../task/ids.ts';
import { FakeClock } from '../testkit/index.ts';
import { KeyLedger } from './key-ledger.ts';
import type { KeySpec } from './key-spec.ts';
import { TokenBucket } from './token-bucket.ts';

const ALICE = 'alice' as KeyId;
const BOB = 'bob' as KeyId;

function spec(fields: Partial<KeySpec> = {}): KeySpec {
  return { id: ALICE, weight: 1, priorities: ['interactive', 'batch'], ...fields };
}

function tokens(count: number): Amounts {
  return { ...NOTHING, tokens: count };
}

verifies('ORCH-1261', 'no minute sees more requests than the mean and one burst', () => {
  const gaps = fc.array(fc.nat(3_000), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 20 }), gaps, (perMinute, burst, waits) => {
      const bucket = new TokenBucket(perMinute, burst);
      const passed: number[] = [];
      let nowMs = 0;
      for (const waitMs of waits) {
        nowMs += waitMs;
        if (bucket.waitMs(nowMs) > 0) continue;
        bucket.take(nowMs);
        passed.push(nowMs);
      }
      for (const from of passed) {
        const inMinute = passed.filter((at) => at >= from && at < from + 60_000).length;
        expect(inMinute).toBeLessThanOrEqual(perMinute + burst);
      }
    }),
    propertyRun,
  );
});

verifies('ORCH-1261', 'who waits as long as told passes, and who comes a moment sooner does not', () => {
  const bucket = new TokenBucket(60, 2);
  for (const nowMs of [0, 0, 1_000, 2_000]) {
    expect(bucket.waitMs(nowMs)).toBe(0);
    bucket.take(nowMs);
  }
  expect(bucket.waitMs(2_000)).toBe(1_000);
  expect(bucket.waitMs(2_999)).toBe(1);
  expect(bucket.waitMs(3_000)).toBe(0);
});

verifies('ORCH-1261', 'a key over its rate or its waiting tasks is refused, the others are not', () => {
  const clock = new FakeClock();
  const keys = [spec({ requestsPerMinute: 60, burst: 1, queuedTasks: 1 }), spec({ id: BOB })];
  const ledger = new KeyLedger({ clock, keys });
  expect(ledger.countRequest(ALICE)).toBeUndefined();
  expect(ledger.countRequest(ALICE)).toMatchObject({
    policyLabel: 'requests_per_minute',
    error: { code: 'RATE_LIMITED', retryAfterMs: 1_000, details: { limit: 60, unit: 'requests_per_minute' } },
  });
  expect([ledger.countRequest(BOB), ledger.countRequest(undefined)]).toEqual([undefined, undefined]);
  const share = ledger.take(ALICE, NOTHING)!;
  expect(ledger.refusalOf(ALICE, NOTHING, 700)).toMatchObject({
    policyLabel: 'queued_tasks',
    error: { code: 'RATE_LIMITED', retryAfterMs: 700, details: { limit: 1, unit: 'queued_tasks' } },
  });
  expect(ledger.refusalOf(BOB, NOTHING, 700)).toBeUndefined();
  ledger.countWaiting(share, -1);
  expect(ledger.refusalOf(ALICE, NOTHING, 700)).toBeUndefined();
});

verifies(['ORCH-1310', 'ORCH-1311'], 'a budget refuses what it does not hold, and gives back what was not used', () => {
  const clock = new FakeClock();
  const ledger = new KeyLedger({ clock, keys: [spec({ budget: { tokens: 100, costMicros: 5 } })] });
  const first = ledger.take(ALICE, tokens(80))!;
  expect(ledger.refusalOf(ALICE, tokens(21), 1)).toMatchObject({
    policyLabel: 'key_budget',
    error: { code: 'BUDGET_EXHAUSTED', details: { budget: 'key_tokens', limit: 20, unit: 'tokens' } },
  });
  expect(ledger.refusalOf(ALICE, { ...NOTHING, costMicros: 6 }, 1)?.error.details['budget']).toBe('key_cost');
  ledger.countWaiting(first, -1);
  ledger.settle(first, tokens(30));
  expect(ledger.remaining(ALICE)).toEqual({ tokens: 70, costMicros: 5 });
  ledger.takeBack(ledger.take(ALICE, tokens(70))!);
  expect(ledger.remaining(ALICE)).toEqual({ tokens: 70, costMicros: 5 });
  expect(ledger.remaining(undefined)).toEqual({});
});

verifies('ORCH-1310', 'a budget is full again after its period, and lasts over a restart', async () => {
  const clock = new FakeClock();
  const kept: KeptKey[] = [];
  const keys = [spec({ budget: { tokens: 100, periodMs: 60_000 } })];
  const ledger = new KeyLedger({ clock, keys, keep: (key) => kept.push(key) });
  ledger.settle(ledger.take(ALICE, tokens(90))!, tokens(90));
  expect(ledger.refusalOf(ALICE, tokens(20), 1)?.error.retryAfterMs).toBe(60_000);
  await clock.advance(40_000);
  const next = new KeyLedger({ clock, keys });
  next.restore(kept.map((key) => ({ ...key, periodMsRemaining: 20_000 })));
  expect(next.remaining(ALICE)).toEqual({ tokens: 10 });
  await clock.advance(20_000);
  expect(next.remaining(ALICE)).toEqual({ tokens: 100 });
  expect(ledger.remaining(ALICE)).toEqual({ tokens: 100 });
});

verifies('ORCH-2065', 'other limits apply at once, and what was used stays used', () => {
  const clock = new FakeClock();
  const ledger = new KeyLedger({ clock, keys: [spec({ budget: { tokens: 100 }, requestsPerMinute: 60, burst: 1 })] });
  const share = ledger.take(ALICE, tokens(10))!;
  ledger.countRequest(ALICE);
  ledger.replace([
    spec({ budget: { tokens: 50 }, requestsPerMinute: 60, burst: 1, queuedTasks: 1 }),
    spec({ id: BOB }),
  ]);
  expect(ledger.remaining(ALICE)).toEqual({ tokens: 40 });
  expect(ledger.countRequest(ALICE)?.policyLabel).toBe('requests_per_minute');
  expect(ledger.refusalOf(ALICE, NOTHING, 1)?.policyLabel).toBe('queued_tasks');
  ledger.settle(share, tokens(5));
  expect(ledger.remaining(ALICE)).toEqual({ tokens: 45 });
  ledger.replace([]);
  ledger.takeBack(share);
  expect([ledger.countRequest(ALICE), ledger.take(ALICE, NOTHING)]).toEqual([undefined, undefined]);
});
