// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { LineDrift } from './line-drift.ts';

verifies('ORCH-1270', 'who was taken back or let in before teaches how many start before a task', () => {
  const drift = new LineDrift();
  expect(drift.ratio).toBe(1);
  drift.record(10, 5);
  expect(drift.ratio).toBeGreaterThan(0.95);
  for (let start = 0; start < 2_000; start += 1) drift.record(10, 5);
  expect(drift.ratio).toBeCloseTo(0.5, 2);
  for (let start = 0; start < 2_000; start += 1) drift.record(0.75, 1.5);
  expect(drift.ratio).toBeCloseTo(2, 2);
});
