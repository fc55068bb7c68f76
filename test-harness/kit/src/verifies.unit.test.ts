// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { requirementOf } from './requirements.ts';
import { verifies } from './verifies.ts';

verifies('ORCH-9101', 'a test that cites an unknown id does not register', () => {
  const unknown = ['ORCH', '0000'].join('-');
  expect(() => requirementOf(unknown)).toThrow(`${unknown} is not in specs/requirements.json`);
  expect(() => verifies(unknown, 'never runs', () => undefined)).toThrow(unknown);
});

verifies(['ORCH-9101'], 'the title of a test ends with its ids', ({ task }) => {
  expect(task.name).toBe('the title of a test ends with its ids [ORCH-9101]');
});
