// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { compareSwapPolicies } from './compare-swap-policies.ts';
import { simulateSwaps, SWAP_SCENARIOS } from './simulate-swaps.ts';

const LONGEST_JOB_MS = 30_000;

verifies(
  'ORCH-1447',
  'swaps are at most half of FIFO and no wait is beyond its bound, where both others fail one of the two',
  async () => {
    const rows = await compareSwapPolicies({ seeds: 3, steps: 100 });
    for (const { scenario, policy, ...row } of rows) {
      expect(row.taskCount, `${scenario}: ${policy}`).toBe(300);
      if (policy !== 'ours') continue;
      expect(row.ofFifoRatio, scenario).toBeLessThanOrEqual(0.5);
      expect(row.longestSettledWaitMs, scenario).toBeLessThanOrEqual(row.boundMs);
      // As long as nobody knows how long loads and jobs take, a wait may be longer by a job.
      expect(row.longestWaitMs, scenario).toBeLessThanOrEqual(row.boundMs + LONGEST_JOB_MS);
    }
    const failsFor = (policy: string): boolean =>
      rows.some((row) => row.policy === policy && (row.ofFifoRatio > 0.5 || row.longestSettledWaitMs > row.boundMs));
    expect([failsFor('ours'), failsFor('fifo'), failsFor('loaded wins')]).toEqual([false, true, true]);
  },
);

verifies('ORCH-1447', 'a simulation is the same for the same seed', async () => {
  const [scenario] = SWAP_SCENARIOS;
  if (scenario === undefined) throw new Error('There is no scenario.');
  const run = { policy: 'ours', seed: 7, steps: 30 } as const;
  expect(await simulateSwaps(scenario, run)).toEqual(await simulateSwaps(scenario, run));
});
