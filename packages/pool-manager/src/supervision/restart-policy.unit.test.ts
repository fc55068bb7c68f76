// SPDX-License-Identifier: MIT
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

/** Far enough apart that the breaker does not open. */
const APART_MS = 20_000;
const NEVER_READY = 0;

verifies('ORCH-1411', 'each crash doubles the wait up to 30 s, varied by up to 20 %', () => {
  const means = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
  for (let seed = 0; seed < 50; seed += 1) {
    const policy = new RestartPolicy(new SeededRandom(seed));
    means.forEach((meanMs, index) => {
      const { delayMs, isBroken } = policy.crashed(index * APART_MS, NEVER_READY);
      expect(isBroken).toBe(false);
      expect(delayMs).toBeGreaterThanOrEqual(0.8 * meanMs);
      expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, 1.2 * meanMs));
    });
  }
});

verifies('ORCH-1411', 'waits of different replicas differ', () => {
  const waits = [1, 2, 3, 4].map((seed) => new RestartPolicy(new SeededRandom(seed)).crashed(0, NEVER_READY).delayMs);
  expect(new Set(waits).size).toBe(4);
});

verifies('ORCH-1411', 'after 60 s of health the waits begin anew', () => {
  const policy = new RestartPolicy(new SeededRandom(1));
  for (let count = 0; count < 4; count += 1) policy.crashed(count * APART_MS, NEVER_READY);
  expect(policy.crashed(200_000, 59_999).delayMs).toBeGreaterThan(5_000);
  expect(policy.crashed(300_000, 60_000).delayMs).toBeLessThanOrEqual(600);
});

verifies('ORCH-1412', 'the fifth crash within 60 s opens the breaker, one spread over longer does not', () => {
  const policy = new RestartPolicy(new SeededRandom(1));
  const broken = [0, 10_000, 20_000, 30_000, 59_999].map((nowMs) => policy.crashed(nowMs, NEVER_READY).isBroken);
  expect(broken).toEqual([false, false, false, false, true]);
  const patient = new RestartPolicy(new SeededRandom(1));
  const spread = [0, 15_000, 30_000, 45_000, 60_000, 75_000].map(
    (nowMs) => patient.crashed(nowMs, NEVER_READY).isBroken,
  );
  expect(spread).toEqual([false, false, false, false, false, false]);
});

verifies('ORCH-1412', 'a trial that crashes opens the breaker again at once, health or an operator closes it', () => {
  const policy = new RestartPolicy(new SeededRandom(1));
  for (let nowMs = 0; nowMs < 5; nowMs += 1) policy.crashed(nowMs, NEVER_READY);
  expect(policy.crashed(400_000, 1_000)).toEqual({ isBroken: true, delayMs: 300_000 });
  expect(policy.crashed(800_000, 60_000).isBroken).toBe(false);
  for (let nowMs = 900_000; nowMs < 900_005; nowMs += 1) policy.crashed(nowMs, NEVER_READY);
  policy.reset();
  expect(policy.crashed(900_006, NEVER_READY).isBroken).toBe(false);
});
