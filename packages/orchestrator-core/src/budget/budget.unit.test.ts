// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { openBudget, remainingTokens, reserveTokens, settleTokens } from './budget.ts';

verifies('ORCH-3250', 'no interleaving of reservations and settlements overspends', () => {
  const move = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), tokens: fc.nat(40) }),
    fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(),
      usedRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(fc.nat(200), fc.array(move, { maxLength: 80 }), (limitTokens, moves) => {
      let budget = openBudget(limitTokens);
      const open: number[] = [];
      let spent = 0;
      for (const next of moves) {
        if (next.kind === 'reserve') {
          const reserved = reserveTokens(budget, next.tokens);
          expect(reserved !== undefined).toBe(next.tokens <= remainingTokens(budget));
          if (reserved === undefined) continue;
          budget = reserved;
          open.push(next.tokens);
        } else if (open.length > 0) {
          const [reserved = 0] = open.splice(next.which % open.length, 1);
          const used = Math.floor(reserved * next.usedRatio);
          budget = settleTokens(budget, reserved, used);
          spent += used;
        }
        const promised = open.reduce((sum, tokens) => sum + tokens, 0);
        expect(budget).toEqual({ limitTokens, reservedTokens: promised, spentTokens: spent });
        expect(spent + promised).toBeLessThanOrEqual(limitTokens);
        expect(remainingTokens(budget)).toBe(limitTokens - spent - promised);
      }
    }),
  );
});

verifies('ORCH-3251', 'a settlement frees what was not used', () => {
  const reserved = reserveTokens(openBudget(100), 80)!;
  expect(reserveTokens(reserved, 21)).toBeUndefined();
  expect(remainingTokens(settleTokens(reserved, 80, 30))).toBe(70);
});

verifies('ORCH-3251', 'use above the reservation is recorded and leaves nothing, not less', () => {
  const overdrawn = settleTokens(reserveTokens(openBudget(100), 80)!, 80, 130);
  expect(overdrawn).toEqual({ limitTokens: 100, reservedTokens: 0, spentTokens: 130 });
  expect(remainingTokens(overdrawn)).toBe(0);
  expect(reserveTokens(overdrawn, 1)).toBeUndefined();
});

verifies('ORCH-3250', 'budgets are values', () => {
  const budget = openBudget(100);
  reserveTokens(budget, 10);
  settleTokens(budget, 0, 10);
  expect(budget).toEqual(openBudget(100));
});
