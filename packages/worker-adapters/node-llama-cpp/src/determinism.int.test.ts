// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { greedy, runToEnd, startAdapter, type RunResult } from './__fixtures__/ready-adapter.ts';

const SEEDS = Array.from({ length: 64 }, (_, index) => index + 1);

type Outcome = Pick<RunResult, 'pieces'> & { readonly tokensOut: number; readonly finishReason: string };

async function outcomes(adapter: WorkerAdapter): Promise<readonly Outcome[]> {
  const all: Outcome[] = [];
  for (const seed of SEEDS) {
    const { pieces, end } = await runToEnd(adapter, { sampling: { ...greedy, temperature: 0.9, seed } });
    all.push({ pieces, tokensOut: end.tokensOut, finishReason: end.finishReason });
  }
  return all;
}

verifies(
  ['ORCH-7000', 'ORCH-7001', 'ORCH-7002'],
  'replicas and restarts agree on every seed, seeds differ',
  async () => {
    let before: readonly Outcome[];
    {
      await using first = await startAdapter();
      await using second = await startAdapter();
      const [one, two] = await Promise.all([outcomes(first), outcomes(second)]);
      expect(two).toEqual(one);
      expect(new Set(one.map(({ pieces }) => pieces.join(''))).size).toBeGreaterThanOrEqual(48);
      before = one;
    }
    await using restarted = await startAdapter();
    expect(await outcomes(restarted)).toEqual(before);
  },
);
