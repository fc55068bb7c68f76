// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { FakeClock, SeededRandom } from '../testkit/index.ts';
import type { JobWork } from './service-sample.ts';
import { StartEstimator, type RunningJob } from './start-estimator.ts';

/** How long jobs take, and what their clients expect. */
interface Workload {
  readonly name: string;
  readonly draw: (random: SeededRandom) => { readonly serviceTimeMs: number; readonly tokens: number };
}

const MS_PER_TOKEN = 20;
const PREFILL_MS = 30;
const FIRST_TOKEN_MS = PREFILL_MS + MS_PER_TOKEN;
const WORK: JobWork = { workload: 'completion', maxTokens: 4_096 };
const WORKLOADS: readonly Workload[] = [
  { name: 'equal', draw: () => ofTokens(50) },
  { name: 'varied', draw: (random) => ofTokens(20 + random.below(60)) },
  { name: 'memoryless', draw: (random) => ofTokens(Math.max(1, Math.round(-50 * Math.log(1 - random.ratio())))) },
  { name: 'short and long', draw: (random) => ofTokens(random.ratio() < 0.85 ? 15 : 250) },
];
const SLOT_COUNTS = [1, 2, 4, 16];
const SEEDS = [1, 2, 3, 4, 5, 6];
const TASK_COUNT = 600;
/** For one slot and memoryless jobs the obvious guess is as good as any, so chance decides. */
const CHANCE_RATIO = 1.01;

interface Job {
  readonly serviceTimeMs: number;
  readonly tokens: number;
  readonly arrivedAtMs: number;
  readonly predictedMs: Readonly<Record<Guess, number>> | undefined;
}

interface Run {
  readonly workload: Workload;
  readonly slots: number;
  readonly seed: number;
  /** Whether clients say how many tokens they expect. */
  readonly tellsTokens: boolean;
}

/** `mean`: position times mean. `shared`: the same divided by the slots. */
type Guess = 'estimator' | 'mean' | 'shared';
type Errors = Record<Guess, number>;

for (const workload of WORKLOADS) {
  verifies('ORCH-3154', `predictions for ${workload.name} jobs are no worse than position times mean`, () => {
    for (const slots of SLOT_COUNTS) {
      const { estimator, mean } = simulateAll(workload, slots);
      expect(estimator, `${slots} slots`).toBeLessThanOrEqual(mean * CHANCE_RATIO);
    }
  });
}

verifies('ORCH-3154', 'over all workloads predictions beat the mean shared by the slots', () => {
  const all = WORKLOADS.flatMap((workload) => SLOT_COUNTS.map((slots) => simulateAll(workload, slots)));
  const total = (guess: Guess): number => all.reduce((sum, errors) => sum + errors[guess], 0);
  expect(total('estimator')).toBeLessThan(total('shared'));
});

verifies(['ORCH-3153', 'ORCH-3154'], 'knowing the expected tokens makes predictions better', () => {
  for (const workload of WORKLOADS.slice(1)) {
    const untold = simulateAll(workload, 4).estimator;
    expect(simulateAll(workload, 4, true).estimator, workload.name).toBeLessThan(untold / 2);
  }
});

/** Mean errors over all seeds. */
function simulateAll(workload: Workload, slots: number, tellsTokens = false): Errors {
  const runs = SEEDS.map((seed) => simulate({ workload, slots, seed, tellsTokens }));
  const mean = (guess: Guess): number => runs.reduce((sum, errors) => sum + errors[guess], 0) / runs.length;
  return { estimator: mean('estimator'), mean: mean('mean'), shared: mean('shared') };
}

/** One queue, `slots` slots, arrivals in bursts; gives the mean absolute error of each guess in milliseconds. */
function simulate({ workload, slots, seed, tellsTokens }: Run): Errors {
  const clock = new FakeClock();
  const random = new SeededRandom(seed);
  const estimator = new StartEstimator();
  const waiting: Job[] = [];
  const running = new Map<Job, number>();
  const errors: Errors = { estimator: 0, mean: 0, shared: 0 };
  let judgedCount = 0;

  const startNext = (): void => {
    const job = running.size < slots ? waiting.shift() : undefined;
    if (job === undefined) return;
    const waitedMs = clock.nowMs() - job.arrivedAtMs;
    if (job.predictedMs !== undefined) {
      judgedCount += 1;
      for (const guess of Object.keys(errors) as Guess[]) errors[guess] += Math.abs(job.predictedMs[guess] - waitedMs);
    }
    running.set(job, clock.nowMs());
    clock.setTimer(job.serviceTimeMs, () => {
      running.delete(job);
      const told = tellsTokens ? { expectedTokens: job.tokens } : {};
      const { serviceTimeMs, tokens: tokensOut } = job;
      const sample = { workload: WORK.workload, serviceTimeMs, firstTokenMs: FIRST_TOKEN_MS, tokensOut, isCut: false };
      estimator.recordService({ ...sample, ...told });
      startNext();
    });
  };

  const predict = (): Job['predictedMs'] => {
    const workOf = ({ tokens }: Job): JobWork => (tellsTokens ? { ...WORK, expectedTokens: tokens } : WORK);
    const jobs = [...running].map(([job, startedAtMs]): RunningJob => {
      const elapsedMs = clock.nowMs() - startedAtMs;
      const tokens = Math.floor((elapsedMs - PREFILL_MS) / MS_PER_TOKEN);
      const progress = { work: workOf(job), elapsedMs };
      return tokens < 1 ? { ...progress, tokens: 0 } : { ...progress, tokens, firstTokenMs: FIRST_TOKEN_MS };
    });
    const position = waiting.length;
    const ahead = waiting.map((job) => ({ work: workOf(job), count: 1 }));
    const predicted = estimator.forecast({ position, slots, running: jobs, ahead })?.medianMs;
    const meanMs = estimator.serviceTimeMs?.mean;
    if (predicted === undefined || meanMs === undefined || running.size < slots) return undefined;
    return { estimator: predicted, mean: position * meanMs, shared: (position * meanMs) / slots };
  };

  let arriveAtMs = 0;
  for (let i = 0; i < TASK_COUNT; i++) {
    // Bursts of 30 tasks, at 0.9 of what the slots can do.
    if (i % 30 === 0) arriveAtMs += (30 * 50 * MS_PER_TOKEN * random.ratio() * 2) / (0.9 * slots);
    clock.setTimer(arriveAtMs + random.below(200), () => {
      const job = { ...workload.draw(random), arrivedAtMs: clock.nowMs(), predictedMs: predict() };
      waiting.push(job);
      startNext();
    });
  }
  for (let fired = true; fired;) fired = clock.fireNext();
  for (const guess of Object.keys(errors) as Guess[]) errors[guess] /= judgedCount;
  return errors;
}

function ofTokens(tokens: number): { readonly serviceTimeMs: number; readonly tokens: number } {
  return { serviceTimeMs: PREFILL_MS + tokens * MS_PER_TOKEN, tokens };
}
