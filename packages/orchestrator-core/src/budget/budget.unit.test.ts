// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect } from 'vitest';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import {
  BUDGET_KINDS,
  lackingKind,
  lesserOf,
  NOTHING,
  openBudget,
  remainingOf,
  reserve,
  settle,
  type Amounts,
} from './budget.ts';

function tokens(count: number): Amounts {
  return { ...NOTHING, tokens: count };
}

verifies('ORCH-3250', 'no interleaving of reservations and settlements overspends any kind', () => {
  const amounts = fc.record({ tokens: fc.nat(40), timeMs: fc.nat(40), costMicros: fc.nat(40) });
  const move = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), amounts }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(), usedPercent: fc.nat(100) }),
  );
  const limit = fc.nat(200);
  const anyLimits = fc.record({ tokens: limit, timeMs: limit, costMicros: limit }, { requiredKeys: [] });
  fc.assert(
    fc.property(anyLimits, fc.array(move, { maxLength: 80 }), (limits, moves) => {
      let budget = openBudget(limits);
      const open: Amounts[] = [];
      let spent = NOTHING;
      for (const next of moves) {
        if (next.kind === 'reserve') {
          const remaining = remainingOf(budget);
          const lacking = lackingKind(budget, next.amounts);
          expect(lacking).toBe(BUDGET_KINDS.find((kind) => next.amounts[kind] > (remaining[kind] ?? Infinity)));
          if (lacking !== undefined) continue;
          budget = reserve(budget, next.amounts);
          open.push(next.amounts);
        } else if (open.length > 0) {
          const [reserved = NOTHING] = open.splice(next.which % open.length, 1);
          const used = mapped((kind) => Math.floor((reserved[kind] * next.usedPercent) / 100));
          budget = settle(budget, reserved, used);
          spent = mapped((kind) => spent[kind] + used[kind]);
        }
        const promised = mapped((kind) => open.reduce((sum, one) => sum + one[kind], 0));
        expect(budget).toEqual({ limits, reserved: promised, spent });
        for (const kind of BUDGET_KINDS) {
          const most = limits[kind];
          expect(spent[kind] + promised[kind]).toBeLessThanOrEqual(most ?? Infinity);
          expect(remainingOf(budget)[kind]).toBe(most === undefined ? undefined : most - spent[kind] - promised[kind]);
        }
      }
    }),
    propertyRun,
  );
});

function mapped(of: (kind: keyof Amounts) => number): Amounts {
  return { tokens: of('tokens'), timeMs: of('timeMs'), costMicros: of('costMicros') };
}

verifies('ORCH-3251', 'a settlement frees what was not used', () => {
  const reserved = reserve(openBudget({ tokens: 100 }), tokens(80));
  expect(lackingKind(reserved, tokens(21))).toBe('tokens');
  expect(remainingOf(settle(reserved, tokens(80), tokens(30)))).toEqual({ tokens: 70 });
});

verifies('ORCH-3251', 'use above the reservation is recorded and leaves nothing, not less', () => {
  const overdrawn = settle(reserve(openBudget({ tokens: 100 }), tokens(80)), tokens(80), tokens(130));
  expect(overdrawn).toEqual({ limits: { tokens: 100 }, reserved: NOTHING, spent: tokens(130) });
  expect(remainingOf(overdrawn)).toEqual({ tokens: 0 });
  expect(lackingKind(overdrawn, tokens(1))).toBe('tokens');
});

verifies('ORCH-3250', 'budgets are values', () => {
  const budget = openBudget({ tokens: 100 });
  reserve(budget, tokens(10));
  settle(budget, NOTHING, tokens(10));
  expect(budget).toEqual(openBudget({ tokens: 100 }));
});

verifies('ORCH-3250', 'of two budgets the lesser remainder counts', () => {
  expect(lesserOf({ tokens: 5, timeMs: 9 }, { tokens: 7, costMicros: 1 })).toEqual({
    tokens: 5,
    timeMs: 9,
    costMicros: 1,
  });
  expect(lesserOf({}, {})).toEqual({});
});
