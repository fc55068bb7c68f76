// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import type { JobWork, ServiceSample } from './service-sample.ts';
import { StartEstimator, type RunningJob, type StartQuestion } from './start-estimator.ts';

const WORK: JobWork = { workload: 'completion', maxTokens: 1_000 };

verifies('ORCH-3150', 'a free slot means now, with or without samples', () => {
  const estimator = new StartEstimator();
  expect(startOf(estimator, ask({ position: 0, slots: 1 }))).toBe(0);
  expect(startOf(estimator, ask({ position: 1, slots: 3, running: [job(5)] }))).toBe(0);
  expect(startOf(taught(equalJobs(5)), ask({ position: 0, slots: 1 }))).toBe(0);
  expect(estimator.forecast(ask({ position: 0, slots: 1 }))?.onTimeProbability(0)).toBe(1);
});

verifies('ORCH-3151', 'without three samples or without a slot nothing is said', () => {
  const busy = ask({ position: 0, slots: 1, running: [job(0)] });
  expect(startOf(new StartEstimator(), busy)).toBeUndefined();
  expect(startOf(taught(equalJobs(2)), busy)).toBeUndefined();
  expect(startOf(taught(equalJobs(3)), busy)).toBe(100);
  expect(startOf(taught(equalJobs(3)), ask({ position: 0, slots: 0 }))).toBeUndefined();
});

verifies(['ORCH-3151', 'ORCH-1270'], 'a job of a workload that was not measured makes the start unknown', () => {
  const estimator = taught(equalJobs(10));
  const embedding: JobWork = { workload: 'embedding', maxTokens: 1_000 };
  const running = [job(0)];
  expect(startOf(estimator, ask({ position: 1, slots: 1, running }))).toBe(200);
  expect(startOf(estimator, ask({ position: 0, slots: 1, running: [job(0, { work: embedding })] }))).toBeUndefined();
  const ahead = [{ work: embedding, count: 1 }];
  expect(startOf(estimator, ask({ position: 1, slots: 1, running, ahead }))).toBeUndefined();
  expect(startOf(estimator, ask({ position: 1, slots: 1, running, ahead: [] }))).toBeUndefined();
});

verifies('ORCH-3152', 'with jobs of equal length the prediction is exact', () => {
  const estimator = taught(equalJobs(10));
  const running = [job(90), job(40), job(0)];
  // The slots are free in 10, 60 and 100 ms, and then every 100 ms again.
  const starts = [10, 60, 100, 110, 160, 200, 210];
  expect(starts.map((_, position) => startOf(estimator, ask({ position, slots: 3, running })))).toEqual(starts);
  expect(startOf(estimator, ask({ position: 3_000_000, slots: 3, running }))).toBe(100_000_010);
});

verifies('ORCH-1270', 'how many start before may be uncertain', () => {
  const estimator = taught(equalJobs(10));
  const running = [job(0)];
  const near = estimator.forecast(ask({ position: 4.5, slots: 1, running }));
  expect([499, 500, 600].map((ms) => near?.onTimeProbability(ms))).toEqual([0.01, 0.5, 0.99]);
  const spread = estimator.forecast(ask({ position: 4.5, positionVariance: 4, slots: 1, running }));
  const chances = [299, 500, 700].map((ms) => spread?.onTimeProbability(ms) ?? NaN);
  expect(chances.map((chance) => Math.round(chance * 10) / 10)).toEqual([0.1, 0.5, 0.9]);
  const far = estimator.forecast(ask({ position: 40.5, positionVariance: 4, slots: 1, running }));
  expect(far?.medianMs).toBe(4_150);
  expect([3_950, 4_150, 4_350].map((ms) => far?.onTimeProbability(ms))).toEqual([0.16, 0.5, 0.84]);
});

verifies('ORCH-1270', 'how fast the engine is now is told by the latest jobs, how much is asked for by all', () => {
  // 128 jobs of 10 to 40 tokens in turn, the last 16 at half the speed.
  const samples = Array.from({ length: 128 }, (_, i): ServiceSample => {
    const tokensOut = [10, 20, 30, 40][i % 4] ?? 0;
    return sample({ serviceTimeMs: 20 + (tokensOut - 1) * (i < 112 ? 2 : 4), firstTokenMs: 20, tokensOut });
  });
  const ahead = [{ work: limit(40), count: 40 }];
  const start = startOf(taught(samples), ask({ position: 40, slots: 1, running: [job(0)], ahead })) ?? NaN;
  expect(Math.abs(start - 41 * (20 + 24 * 4))).toBeLessThan(1);
});

verifies('ORCH-3152', 'with memoryless jobs the work is shared by all slots', () => {
  // Quantiles of an exponential distribution with a mean near 100 ms.
  const lengths = Array.from({ length: 64 }, (_, i) => -100 * Math.log(1 - (i + 0.5) / 64));
  const estimator = taught(lengths.map((serviceTimeMs) => sample({ serviceTimeMs })));
  const running = Array.from({ length: 4 }, () => job(0));
  for (const position of [0, 4, 40]) {
    const predicted = startOf(estimator, ask({ position, slots: 4, running })) ?? NaN;
    expect(Math.abs(predicted - (position + 1) * 25)).toBeLessThan(15);
  }
});

verifies('ORCH-3152', 'jobs beyond the slots make no room when they end', () => {
  const running = [job(0), job(90), job(50)];
  const estimator = taught(equalJobs(10));
  expect(startOf(estimator, ask({ position: 0, slots: 1, running }))).toBe(100);
  expect(startOf(estimator, ask({ position: 1, slots: 2, running }))).toBe(100);
  expect(startOf(estimator, ask({ position: 100, slots: 1, running }))).toBe(10_100);
});

verifies('ORCH-3152', 'a job that runs longer than any before is near its end, not beyond it', () => {
  const estimator = taught(equalJobs(10));
  const running = [job(5_000)];
  expect(startOf(estimator, ask({ position: 0, slots: 1, running }))).toBe(0);
  expect(startOf(estimator, ask({ position: 2, slots: 1, running }))).toBe(200);
});

verifies(['ORCH-3153', 'ORCH-1270'], 'expected tokens set the length of running jobs and of those ahead', () => {
  const estimator = taught(LINEAR);
  const next = (elapsedMs: number, expectedTokens: number): number | undefined => {
    const running = [job(elapsedMs, { work: { ...WORK, expectedTokens } })];
    return startOf(estimator, ask({ position: 0, slots: 1, running }));
  };
  expect(next(0, 100)).toBe(220);
  const running = [job(0, { work: { ...WORK, expectedTokens: 10 } })];
  const ahead = [{ work: { ...WORK, expectedTokens: 40 }, count: 5 }];
  expect(startOf(estimator, ask({ position: 5, slots: 1, running, ahead }))).toBe(40 + 5 * 100);
});

verifies(
  ['ORCH-3153', 'ORCH-1270'],
  'a limit that jobs use up sets their length, one that they do not reach does not',
  () => {
    const cut = [10, 20, 40, 80].map((tokensOut) => ({ ...linear(tokensOut), isCut: true }));
    const limited = ask({ position: 1, slots: 1, running: [job(0, { work: limit(40) })] });
    const start = (samples: readonly ServiceSample[], maxTokens: number): number | undefined =>
      startOf(taught(samples), { ...limited, ahead: [{ work: limit(maxTokens), count: 1 }] });
    expect(start(cut, 80)).toBe(100 + 180);
    expect(start(cut, 15)).toBe(100 + 50);
    const whole = [20, 20, 20, 20].map(linear);
    expect(start(whole, 500)).toBe(60 + 60);
    expect(start([...whole, ...cut.slice(0, 1)], 500)).toBe(60 + 60);
  },
);

verifies('ORCH-3153', 'what a running job has given already tells how far it is', () => {
  const estimator = taught(LINEAR);
  const work = { ...WORK, expectedTokens: 100 };
  // Half of the 51st token at twice the usual time each: the other 49 and a half take as long.
  const running = [job(220, { work, firstTokenMs: 22, tokens: 50 })];
  expect(startOf(estimator, ask({ position: 0, slots: 1, running }))).toBe(198);
});

verifies('ORCH-3153', 'a job that outlives its expectation is a job like any other', () => {
  const estimator = taught(LINEAR);
  const progress = { firstTokenMs: 22, tokens: 50 };
  const told = ask({
    position: 0,
    slots: 1,
    running: [job(120, { ...progress, work: { ...WORK, expectedTokens: 10 } })],
  });
  const untold = ask({ position: 0, slots: 1, running: [job(120, progress)] });
  expect(startOf(estimator, told)).toBe(startOf(estimator, untold));
});

verifies('ORCH-3153', 'what clients say is corrected by what came of it', () => {
  // Every client says twice what it needs.
  const samples = [10, 20, 40, 80].map((tokensOut) => ({ ...linear(tokensOut), expectedTokens: tokensOut * 2 }));
  const running = [job(0, { work: { ...WORK, expectedTokens: 100 } })];
  expect(startOf(taught(samples), ask({ position: 0, slots: 1, running }))).toBe(20 + 50 * 2);
});

verifies('ORCH-1271', 'the chance of a start in time follows from the distribution', () => {
  // Three of four jobs take 100 ms, one takes 1 s.
  const estimator = taught(
    Array.from({ length: 64 }, (_, i) => sample({ serviceTimeMs: i % 4 === 0 ? 1_000 : 100, isCut: false })),
  );
  const forecast = estimator.forecast(ask({ position: 0, slots: 1, running: [job(0)] }));
  expect(forecast?.medianMs).toBe(100);
  expect([50, 100, 999, 1_000].map((ms) => forecast?.onTimeProbability(ms))).toEqual([0.01, 0.75, 0.75, 0.99]);
  const far = estimator.forecast(ask({ position: 400, slots: 1, running: [job(0)] }));
  const chances = [50_000, 130_000, 200_000].map((ms) => far?.onTimeProbability(ms) ?? NaN);
  expect(chances[0]).toBeLessThan(0.05);
  expect(chances[1]).toBeGreaterThan(0.3);
  expect(chances[1]).toBeLessThan(0.7);
  expect(chances[2]).toBeGreaterThan(0.95);
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
  estimator.recordService(sample({ serviceTimeMs: 100 }));
  expect(estimator.drainRatePerSecond(2)).toBe(20);
  expect([estimator.retryAfterMs(1, 2), estimator.retryAfterMs(7, 2)]).toEqual([50, 350]);
  expect(estimator.retryAfterMs(1, 0), 'no slot drains nothing').toBeUndefined();
});

verifies('ORCH-3157', '128 jobs after a change only the new length is known', () => {
  const estimator = taught([...equalJobs(200), ...equalJobs(128, 700)]);
  expect(estimator.serviceTimeMs).toEqual({ mean: 700, sampleCount: 128 });
  expect(startOf(estimator, ask({ position: 1, slots: 1, running: [job(100)] }))).toBe(1_300);
});

verifies('ORCH-1270', 'another process goes on with the same predictions, and believes nothing but statistics', () => {
  const first = taught([...LINEAR, ...equalJobs(5), { ...linear(30), expectedTokens: 33, isCut: true }]);
  const question = ask({ position: 3, slots: 2, running: [job(10), job(20)] });
  const second = new StartEstimator();
  second.restore(first.statistics);
  expect(startOf(second, question)).toBe(startOf(first, question));
  expect(second.statistics).toBe(first.statistics);
  for (const text of ['', '{}', '[1,2]', '[["completion",-1,0,0,0,0]]', '[["song",1,1,1,0,0]]']) {
    const third = new StartEstimator();
    third.restore(text);
    expect(third.serviceTimeMs, text).toBeUndefined();
  }
});

const LINEAR = [10, 20, 40, 80, 160].map(linear);

/** 22 ms until the first token and 2 ms for each further one. */
function linear(tokensOut: number): ServiceSample {
  return sample({ serviceTimeMs: 20 + 2 * tokensOut, firstTokenMs: 22, tokensOut });
}

function sample({
  serviceTimeMs,
  ...fields
}: Partial<ServiceSample> & Pick<ServiceSample, 'serviceTimeMs'>): ServiceSample {
  const plain = { workload: 'completion', firstTokenMs: serviceTimeMs, tokensOut: 1, isCut: false } as const;
  return { ...plain, serviceTimeMs, ...fields };
}

function limit(maxTokens: number): JobWork {
  return { ...WORK, maxTokens };
}

function job(elapsedMs: number, fields: Partial<RunningJob> = {}): RunningJob {
  return { work: WORK, elapsedMs, tokens: 0, ...fields };
}

function ask({
  position,
  ...question
}: Partial<StartQuestion> & Pick<StartQuestion, 'position' | 'slots'>): StartQuestion {
  return { running: [], ahead: [{ work: WORK, count: position }], position, ...question };
}

function equalJobs(count: number, serviceTimeMs = 100): ServiceSample[] {
  return Array.from({ length: count }, () => sample({ serviceTimeMs, tokensOut: 10 }));
}

function taught(samples: readonly ServiceSample[]): StartEstimator {
  const estimator = new StartEstimator();
  for (const one of samples) estimator.recordService(one);
  return estimator;
}

function startOf(estimator: StartEstimator, question: StartQuestion): number | undefined {
  return estimator.forecast(question)?.medianMs;
}
