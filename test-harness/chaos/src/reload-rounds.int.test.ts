// SPDX-License-Identifier: MIT
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { RELOAD_FAULTS, runReloadRounds } from './reload-rounds.ts';

/** The bar is 20 reloads at 100 requests per minute: `npm run chaos -- reload --rounds 20`. */
const PAUSE_MS = 100;

verifies(
  ['ORCH-1452', 'ORCH-1453'],
  'a reload that fails in any way names step and reason, and fails no request; the next one changes over',
  async () => {
    await using _leaks = watchLeaks();
    const { requestCount, faults } = await runReloadRounds({ rounds: RELOAD_FAULTS.length, pauseMs: PAUSE_MS });
    expect(faults).toEqual([]);
    expect(requestCount).toBeGreaterThan(20);
  },
);
