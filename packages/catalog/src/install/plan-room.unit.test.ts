// SPDX-License-Identifier: MIT
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect } from 'vitest';
import { planRoom } from './plan-room.ts';

const removable = [
  { id: 'new', sizeBytes: 40, lastUsedAt: 30 },
  { id: 'old', sizeBytes: 10, lastUsedAt: 10 },
  { id: 'never', sizeBytes: 5, lastUsedAt: undefined },
];

verifies('ORCH-1614', 'what was used longest ago goes first, and no more than needed', () => {
  const plan = (neededBytes: number): unknown =>
    planRoom({ neededBytes, budgetBytes: 100, usedBytes: 90, freeBytes: 1_000, removable });
  expect(plan(10)).toEqual({ remove: [] });
  expect(plan(11)).toEqual({ remove: ['never'] });
  expect(plan(20)).toEqual({ remove: ['never', 'old'] });
  expect(plan(26)).toEqual({ remove: ['never', 'old', 'new'] });
  expect(plan(66)).toEqual({ shortBytes: 1 });
});

verifies('ORCH-1614', 'a plan always keeps the budget and the disk, or removes nothing', () => {
  const items = fc.uniqueArray(
    fc.record({ id: fc.string(), sizeBytes: fc.nat(100), lastUsedAt: fc.option(fc.nat(9), { nil: undefined }) }),
    { selector: ({ id }) => id },
  );
  const bytes = fc.nat(400);
  fc.assert(
    fc.property(fc.tuple(bytes, bytes, bytes), items, ([neededBytes, budgetBytes, freeBytes], list) => {
      const usedBytes = list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const plan = planRoom({ neededBytes, budgetBytes, usedBytes, freeBytes, removable: list });
      const freed = list
        .filter(({ id }) => plan.remove?.includes(id))
        .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const fits = (by: number): boolean =>
        usedBytes + neededBytes - by <= budgetBytes && neededBytes - by <= freeBytes;
      expect(plan.remove === undefined ? fits(usedBytes) : !fits(freed)).toBe(false);
    }),
    propertyRun,
  );
});
