// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { calibrateInSimulation } from './calibrate.ts';
import { scoreOf } from './score.ts';

verifies(['ORCH-1274', 'ORCH-1270', 'ORCH-1271'], 'predictions beat both baselines in every scenario', async () => {
  for (const { scenario, scores } of await calibrateInSimulation({ seeds: [1, 2], tasks: 240 })) {
    const { service, positionMean, constant, startCount, deadlineCount, omittedCount } = scores;
    expect(startCount, scenario).toBeGreaterThan(100);
    expect(deadlineCount, scenario).toBeGreaterThan(40);
    // Before three jobs have ended nothing is known, and after that everything.
    expect(omittedCount, scenario).toBeGreaterThan(0);
    expect(omittedCount, scenario).toBeLessThan(100);
    expect(service.startMs, scenario).toBeLessThan(Math.min(positionMean.startMs, constant.startMs));
    expect(service.brier, scenario).toBeLessThan(Math.min(positionMean.brier, constant.brier));
  }
});

verifies('ORCH-1274', 'scores are means over what was predicted, and what was left out is counted', () => {
  const plain = { position: 2, meanServiceMs: 100 };
  const scores = scoreOf([
    { ...plain, waitedMs: 500 },
    { ...plain, predictedMs: 250, waitedMs: 300 },
    { ...plain, predictedMs: 250, waitedMs: 200 },
    { ...plain, predictedMs: 250, onTimeProbability: 0.5, deadlineMs: 300, waitedMs: 250 },
    { ...plain, predictedMs: 250, onTimeProbability: 0.75, deadlineMs: 260 },
  ]);
  // The first of each kind has no constant to compare with.
  expect(scores).toEqual({
    service: { startMs: 50, brier: 0.5625 },
    positionMean: { startMs: 0, brier: 1 },
    constant: { startMs: 100, brier: 1 },
    startCount: 1,
    deadlineCount: 1,
    omittedCount: 1,
  });
});
