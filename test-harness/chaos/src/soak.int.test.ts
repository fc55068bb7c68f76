// SPDX-License-Identifier: MIT
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { Soak } from './soak.ts';

verifies(
  ['ORCH-1343', 'ORCH-1341'],
  'under a load that does not end the counts are exact and memory does not run away',
  async () => {
    await using _leaks = watchLeaks();
    const { faults, acceptedCount, streamCount, settledMiB, finalMiB } = await Soak.run({
      queued: 300,
      streams: 60,
      seconds: 10,
    });
    expect(faults).toEqual([]);
    expect(acceptedCount).toBeGreaterThan(300);
    expect(streamCount).toBeGreaterThanOrEqual(60);
    // A heap that warms up grows; the bound of 10 % is that of the long run: npm run chaos -- soak --minutes 10.
    expect(finalMiB).toBeLessThan(settledMiB * 2);
  },
);
