// SPDX-License-Identifier: MIT
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { killAtAnswer } from './kill-at-answer.ts';

verifies(
  ['ORCH-1202', 'ORCH-1225', 'ORCH-1341'],
  'what was answered 202 is there after a kill at that instant',
  async () => {
    await using _leaks = watchLeaks();
    const { answeredCount, unansweredCount, faults } = await killAtAnswer(8, 3);
    expect(faults).toEqual([]);
    expect(answeredCount).toBeGreaterThan(0);
    expect(unansweredCount).toBeGreaterThan(0);
  },
);
