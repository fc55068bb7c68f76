// SPDX-License-Identifier: MIT
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { leaksOf, runSwapCycles } from './swap-cycles.ts';

// Memory that warms up grows; the bound of 10 % is that of the long run: npm run chaos -- swap-cycles.
const MOST_GROWTH_RATIO = 2;

verifies(
  ['ORCH-1448', 'ORCH-1440'],
  'two models that take turns on the mock leave no file, thread or process behind',
  async () => {
    await using _leaks = watchLeaks();
    const report = await runSwapCycles({ engine: 'mock', cycles: 20 });
    expect(report).toMatchObject({ swapCount: 20, faults: [] });
    expect(leaksOf(report, MOST_GROWTH_RATIO)).toEqual([]);
  },
);

verifies(
  'ORCH-1448',
  'two models that take turns on the embedded engine leave no file, thread or process behind',
  async () => {
    await using _leaks = watchLeaks();
    const report = await runSwapCycles({ engine: 'node-llama-cpp', cycles: 5 });
    expect(report).toMatchObject({ swapCount: 5, faults: [] });
    expect(leaksOf(report, MOST_GROWTH_RATIO)).toEqual([]);
  },
);

verifies('ORCH-1448', 'what grows is told', () => {
  const holdings = { residentMiB: 100, fileCount: 40, threadCount: 11, childCount: 0 };
  const report = { swapCount: 1, tookMs: 1, faults: [], settled: holdings };
  const final = { residentMiB: 111, fileCount: 41, threadCount: 11, childCount: 1 };
  expect(leaksOf({ ...report, final }, 1.1)).toEqual([
    'fileCount grew from 40 to 41',
    'childCount grew from 0 to 1',
    'memory grew by 11.0 %',
  ]);
});
