// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { StoreCondition } from './store-condition.ts';

function watch() {
  const lines: string[] = [];
  const gauges: unknown[] = [];
  const condition = new StoreCondition({
    logger: { log: (level, human) => lines.push(`${level} ${human}`) },
    meter: { add: () => undefined, observe: () => undefined, set: (...sample) => gauges.push(sample) },
  });
  return { condition, lines, gauges };
}

verifies('ORCH-1210', 'records that are missing at the start are told until somebody has taken note', () => {
  const { condition, lines, gauges } = watch();
  condition.opened({ state: 'ok', lostRecordCount: 7 });
  expect(lines).toEqual(['error journal tail lost: 7 committed records are missing.']);
  expect(gauges).toEqual([['store_lost_records', {}, 7]]);
  condition.changed({ state: 'full', lostRecordCount: 7 });
  condition.changed({ state: 'ok', lostRecordCount: 7 });
  expect(condition.trouble).toBe('The journal has lost 7 committed records.');
  condition.changed({ state: 'ok', lostRecordCount: 0 });
  expect(condition.trouble).toBeUndefined();
  expect(gauges.at(-1)).toEqual(['store_lost_records', {}, 0]);
});

verifies('ORCH-1212', 'a store that cannot write is told with its cause', () => {
  const { condition, lines } = watch();
  condition.opened({ state: 'ok', lostRecordCount: 0 });
  expect([condition.trouble, lines]).toEqual([undefined, []]);
  condition.changed({ state: 'full', cause: 'no room', lostRecordCount: 0 });
  expect(condition.trouble).toBe('The store of tasks is full.');
  condition.changed({ state: 'closed', cause: 'The store is closed.', lostRecordCount: 0 });
  expect(lines).toEqual(['warn The store of tasks is full: no room.', 'info The store of tasks is closed.']);
});
