// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { StartEstimator, type StartQuestion } from './start-estimator.ts';

verifies('ORCH-3150', 'a free slot means now, with or without samples', () => {
  const estimator = new StartEstimator();
  expect(estimator.predictStartMs(ask({ position: 0, slots: 1 }))).toBe(0);
  expect(estimator.predictStartMs(ask({ position: 1, slots: 3, running: [{ elapsedMs: 5 }] }))).toBe(0);
  expect(taught(equalJobs(5)).predictStartMs(ask({ position: 0, slots: 1 }))).toBe(0);
});

verifies('ORCH-3151', 'without three samples or without a slot nothing is said', () => {
  const busy = ask({ position: 0, slots: 1, running: [{ elapsedMs: 0 }] });
  expect(new StartEstimator().predictStartMs(busy)).toBeUndefined();
  expect(taught(equalJobs(2)).predictStartMs(busy)).toBeUndefined();
  expect(taught(equalJobs(3)).predictStartMs(busy)).toBe(100);
  expect(taught(equalJobs(3)).predictStartMs(ask({ position: 0, slots: 0 }))).toBeUndefined();
});

verifies('ORCH-3152', 'with jobs of equal length the prediction is exact', () => {
  const estimator = taught(equalJobs(10));
  const running = [{ elapsedMs: 90 }, { elapsedMs: 40 }, { elapsedMs: 0 }];
  // The slots are free in 10, 60 and 100 ms, and then every 100 ms again.
  const starts = [10, 60, 100, 110, 160, 200, 210];
  expect(starts.map((_, position) => estimator.predictStartMs(ask({ position, slots: 3, running })))).toEqual(starts);
  expect(estimator.predictStartMs(ask({ position: 3_000_000, slots: 3, running }))).toBe(100_000_010);
});

verifies('ORCH-3152', 'with memoryless jobs the work is shared by all slots', () => {
  // Quantiles of an exponential distribution with a mean near 100 ms.
  const lengths = Array.from({ length: 64 }, (_, i) => -100 * Math.log(1 - (i + 0.5) / 64));
  const estimator = taught(lengths.map((serviceTimeMs) => ({ serviceTimeMs, tokensOut: 1 })));
  const running = Array.from({ length: 4 }, () => ({ elapsedMs: 0 }));
  for (const position of [0, 4, 40]) {
    const predicted = estimator.predictStartMs(ask({ position, slots: 4, running })) ?? NaN;
    expect(Math.abs(predicted - (position + 1) * 25)).toBeLessThan(10);
  }
});

verifies('ORCH-3152', 'jobs beyond the slots make no room when they end', () => {
  const running = [{ elapsedMs: 0 }, { elapsedMs: 90 }, { elapsedMs: 50 }];
  const estimator = taught(equalJobs(10));
  expect(estimator.predictStartMs(ask({ position: 0, slots: 1, running }))).toBe(100);
  expect(estimator.predictStartMs(ask({ position: 1, slots: 2, running }))).toBe(100);
});

verifies('ORCH-3152', 'a job that runs longer than any before is near its end, not beyond it', () => {
  const estimator = taught(equalJobs(10));
  expect(estimator.predictStartMs(ask({ position: 0, slots: 1, running: [{ elapsedMs: 5_000 }] }))).toBe(0);
  expect(estimator.predictStartMs(ask({ position: 2, slots: 1, running: [{ elapsedMs: 5_000 }] }))).toBe(200);
});

verifies('ORCH-3153', 'expected tokens set the length of running jobs and of those ahead', () => {
  // 20 ms and 2 ms for each token.
  const samples = [10, 20, 40, 80, 160].map((tokensOut) => ({ serviceTimeMs: 20 + 2 * tokensOut, tokensOut }));
  const estimator = taught(samples);
  const next = (elapsedMs: number, expectedTokens: number): number | undefined =>
    estimator.predictStartMs(ask({ position: 0, slots: 1, running: [{ elapsedMs, expectedTokens }] }));
  expect(next(0, 100)).toBe(220);
  expect(next(120, 100)).toBe(100);
  const running = [{ elapsedMs: 0, expectedTokens: 10 }];
  const ahead = ask({ position: 5, slots: 1, running, expectedTokensAhead: 40 });
  expect(estimator.predictStartMs(ahead)).toBe(40 + 5 * 100);
});

verifies('ORCH-3153', 'a job that outlives its expectation is a job like any other', () => {
  const estimator = taught(
    [10, 20, 40, 80, 160].map((tokensOut) => ({ serviceTimeMs: 20 + 2 * tokensOut, tokensOut })),
  );
  const withGuess = ask({ position: 0, slots: 1, running: [{ elapsedMs: 100, expectedTokens: 10 }] });
  const without = ask({ position: 0, slots: 1, running: [{ elapsedMs: 100 }] });
  expect(estimator.predictStartMs(withGuess)).toBe(estimator.predictStartMs(without));
});

verifies('ORCH-3155', 'the estimator knows its own mean error', () => {
  const estimator = new StartEstimator();
  expect(estimator.predictionErrorMs).toBeUndefined();
  estimator.recordStart(100, 130);
  estimator.recordStart(100, 90);
  expect(estimator.predictionErrorMs).toEqual({ mean: 20, sampleCount: 2 });
});

verifies('ORCH-3156', 'the time to a retry follows from the drain rate', () => {
  const estimator = taught(equalJobs(2));
  expect([estimator.drainRatePerSecond(2), estimator.retryAfterMs(1, 2)]).toEqual([undefined, undefined]);
  estimator.recordService({ serviceTimeMs: 100, tokensOut: 1 });
  expect(estimator.drainRatePerSecond(2)).toBe(20);
  expect([estimator.retryAfterMs(1, 2), estimator.retryAfterMs(7, 2)]).toEqual([50, 350]);
  expect(estimator.retryAfterMs(1, 0), 'no slot drains nothing').toBeUndefined();
});

verifies('ORCH-3157', '128 jobs after a change only the new length is known', () => {
  const estimator = taught([...equalJobs(200), ...equalJobs(128, 700)]);
  expect(estimator.serviceTimeMs).toEqual({ mean: 700, sampleCount: 128 });
  expect(estimator.predictStartMs(ask({ position: 1, slots: 1, running: [{ elapsedMs: 100 }] }))).toBe(1_300);
});

function ask(question: Omit<StartQuestion, 'running'> & Partial<StartQuestion>): StartQuestion {
  return { running: [], ...question };
}

function equalJobs(count: number, serviceTimeMs = 100): { serviceTimeMs: number; tokensOut: number }[] {
  return Array.from({ length: count }, () => ({ serviceTimeMs, tokensOut: 10 }));
}

function taught(samples: readonly { serviceTimeMs: number; tokensOut: number }[]): StartEstimator {
  const estimator = new StartEstimator();
  for (const sample of samples) estimator.recordService(sample);
  return estimator;
}
