// SPDX-License-Identifier: MIT
import { createClient } from '@llama-orch/client';
import { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { FakeClock, SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import { observeLine } from './observe-line.ts';
import { arrivalsOf, SCENARIOS, type Scenario } from './scenarios.ts';
import { scoreOf, type Observation, type Scores } from './score.ts';
import { mockPool, ServedLine, servedPool, TaskEnds, WARM_UP_POOL, type ServedPool } from './served-line.ts';
import { SimulatedLine } from './simulated-line.ts';

/** How well starts were predicted in one scenario. */
export interface CalibrationRow {
  readonly scenario: string;
  readonly scores: Scores;
  /** What jobs took over what they are known to take: well above 1 the machine was too busy to say anything. */
  readonly serviceRatio: number;
}

/** One scenario on one pool of the service. */
interface Run {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly pool: ServedPool;
}

const WARM_UP_TASKS = 400;

/** Runs every scenario in virtual time, once for each seed. */
export async function calibrateInSimulation({
  seeds,
  tasks,
}: {
  readonly seeds: readonly number[];
  readonly tasks: number;
}): Promise<readonly CalibrationRow[]> {
  const rows: CalibrationRow[] = [];
  for (const scenario of SCENARIOS) {
    const observations: Observation[] = [];
    for (const seed of seeds) observations.push(...(await simulate(scenario, seed, tasks)));
    rows.push({ scenario: scenario.name, scores: scoreOf(observations), serviceRatio: 1 });
  }
  return rows;
}

/**
 * Runs every scenario on pools of mock engines of one service, over HTTP, in real time: one pool for each seed, all at
 * once.
 */
export async function calibrateOnMock({
  seeds,
  tasks,
}: {
  readonly seeds: readonly number[];
  readonly tasks: number;
}): Promise<readonly CalibrationRow[]> {
  const runs = SCENARIOS.flatMap((scenario, index) =>
    seeds.map((seed): Run => ({ scenario, seed, pool: servedPool(`${index}-${seed}`, scenario) })),
  );
  const pools = [WARM_UP_POOL, ...runs.map(({ pool }) => pool)].map(mockPool);
  const service = await ServiceUnderTest.start({
    entry: 'built',
    config: { queue: { on_time_floor: 0 }, store: { backend: 'memory' }, pools },
  });
  const ends = new TaskEnds();
  try {
    await service.ready();
    const client = createClient({ baseUrl: service.baseUrl });
    void ends.listen(client);
    await warmUp(new ServedLine(client, ends, WARM_UP_POOL));
    const observed = await Promise.all(
      runs.map(async ({ scenario, seed, pool }) => {
        const line = new ServedLine(client, ends, pool);
        const observations = await observeLine(line, arrivalsOf(scenario, tasks, new SeededRandom(seed)));
        return { scenario, observations, ...line.served };
      }),
    );
    return SCENARIOS.map((scenario) => {
      const own = observed.filter((run) => run.scenario === scenario);
      const sum = (part: 'tookMs' | 'knownMs'): number => own.reduce((total, run) => total + run[part], 0);
      const scores = scoreOf(own.flatMap(({ observations }) => observations));
      return { scenario: scenario.name, scores, serviceRatio: sum('tookMs') / sum('knownMs') };
    });
  } finally {
    ends.stop();
    await service.stop();
  }
}

/** The code is compiled as it is used, and its first jobs are slow: they must not teach the pools that are measured. */
async function warmUp(line: ServedLine): Promise<void> {
  const arrivals = Array.from({ length: WARM_UP_TASKS }, (_, k) => ({
    atMs: 8 * k,
    tokens: 40,
    priority: 'batch' as const,
  }));
  await observeLine(line, arrivals);
}

async function simulate(scenario: Scenario, seed: number, tasks: number): Promise<readonly Observation[]> {
  const clock = new FakeClock();
  const line = new SimulatedLine(scenario, { clock, seed: seed + 1_000 });
  // Lets the engine become ready.
  await clock.advance(0);
  const observing = observeLine(line, arrivalsOf(scenario, tasks, new SeededRandom(seed)));
  const state = { isOver: false };
  void observing.finally(() => (state.isOver = true));
  while (!state.isOver && clock.nextDueMs !== undefined) await clock.advance(clock.nextDueMs - clock.nowMs());
  const observations = await observing;
  await line.stop();
  return observations;
}
