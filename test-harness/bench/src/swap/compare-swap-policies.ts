// SPDX-License-Identifier: MIT
import { median } from '../measure/median.ts';
import { longestAllowedWaitMs, simulateSwaps, SWAP_SCENARIOS, type SwapFigures } from './simulate-swaps.ts';
import { SWAP_POLICIES, type SwapPolicy } from './swap-policies.ts';

/** ORCH-1447: swaps over those of plain FIFO, at most. */
const MOST_OF_FIFO_RATIO = 0.5;

/** One policy in one scenario: medians over seeds, and of the longest waits the longest. */
export interface SwapRow extends SwapFigures {
  readonly scenario: string;
  readonly policy: SwapPolicy;
  readonly ofFifoRatio: number;
  /** The longest wait that is allowed. */
  readonly boundMs: number;
  /** Always true for the policies that ours is compared with. */
  readonly keepsBar: boolean;
}

/** Serves the same work of every scenario and seed under each policy. */
export async function compareSwapPolicies({
  seeds,
  steps,
}: {
  seeds: number;
  steps: number;
}): Promise<readonly SwapRow[]> {
  const rows: SwapRow[] = [];
  for (const scenario of SWAP_SCENARIOS) {
    const runs = new Map<SwapPolicy, SwapFigures[]>();
    for (const policy of SWAP_POLICIES) {
      const figures: SwapFigures[] = [];
      for (let seed = 1; seed <= seeds; seed += 1) figures.push(await simulateSwaps(scenario, { policy, seed, steps }));
      runs.set(policy, figures);
    }
    const fifo = medians(runs.get('fifo') ?? []);
    for (const [policy, figures] of runs) {
      const row = medians(figures);
      const ofFifoRatio = row.swapCount / fifo.swapCount;
      const boundMs = longestAllowedWaitMs(scenario);
      const keepsBar = policy !== 'ours' || (ofFifoRatio <= MOST_OF_FIFO_RATIO && row.longestSettledWaitMs <= boundMs);
      rows.push({ scenario: scenario.name, policy, ...row, ofFifoRatio, boundMs, keepsBar });
    }
  }
  return rows;
}

function medians(figures: readonly SwapFigures[]): SwapFigures {
  const of = (key: keyof SwapFigures): number => median(figures.map((each) => each[key]));
  const worst = (key: keyof SwapFigures): number => Math.max(...figures.map((each) => each[key]));
  return {
    taskCount: of('taskCount'),
    swapCount: of('swapCount'),
    waitP50Ms: of('waitP50Ms'),
    waitP95Ms: of('waitP95Ms'),
    longestWaitMs: worst('longestWaitMs'),
    longestSettledWaitMs: worst('longestSettledWaitMs'),
    tookMs: of('tookMs'),
    busyRatio: of('busyRatio'),
  };
}
