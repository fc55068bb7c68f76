// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { reduceCapacity } from './reduce-capacity.ts';

verifies('ORCH-1416', 'slots are halved first, then the context, until there is nothing left to give up', () => {
  const steps = [];
  for (
    let capacity = reduceCapacity({ slots: 5, ctxMaxTokens: 3_000 });
    capacity;
    capacity = reduceCapacity(capacity)
  ) {
    steps.push(capacity);
  }
  expect(steps).toEqual([
    { slots: 2, ctxMaxTokens: 3_000 },
    { slots: 1, ctxMaxTokens: 3_000 },
    { slots: 1, ctxMaxTokens: 1_500 },
    { slots: 1, ctxMaxTokens: 750 },
    { slots: 1, ctxMaxTokens: 512 },
  ]);
});

verifies('ORCH-1416', 'what nobody knows is not reduced', () => {
  expect(reduceCapacity({})).toBeUndefined();
  expect(reduceCapacity({ slots: 1 })).toBeUndefined();
  expect(reduceCapacity({ slots: 2 })).toEqual({ slots: 1 });
  expect(reduceCapacity({ ctxMaxTokens: 2_048 })).toEqual({ ctxMaxTokens: 1_024 });
});
