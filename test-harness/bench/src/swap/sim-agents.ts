// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import type { SimCard } from './sim-card.ts';

/** How the agents of a scenario work. */
export interface AgentHabits {
  /** Requests that one agent has under way at a time. */
  readonly helpers: number;
  /** Shortest and longest service time, in milliseconds. */
  readonly serviceMs: readonly [number, number];
}

/** One step of an agent: a tool call of its own, then a request. */
interface Step {
  readonly gapMs: number;
  readonly serviceMs: number;
}

/**
 * Lets one agent per model do its steps one after the other, or `helpers` of them side by side; calls `onDone` when all are done. The
 * steps hang on the seed alone, so every policy gets the same work.
 */
export function startAgents(card: SimCard, habits: AgentHabits & { seed: number; steps: number }): Promise<void> {
  const lanes = card.pools.flatMap((_, model) =>
    Array.from({ length: habits.helpers }, (__, helper) => ({
      model,
      random: new SeededRandom(habits.seed * 1_000 + model * 10 + helper),
    })),
  );
  const stepsEach = Math.ceil(habits.steps / habits.helpers);
  const done = lanes.map(({ model, random }) => {
    const steps = Array.from({ length: stepsEach }, () => draw(random, habits));
    return runLane(steps, (serviceMs, onEnd) => card.submit(model, serviceMs, onEnd), card.clock);
  });
  return Promise.all(done).then(() => undefined);
}

function runLane(
  steps: readonly Step[],
  submit: (serviceMs: number, onEnd: () => void) => void,
  clock: Clock,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const next = (index: number): void => {
    const step = steps[index];
    if (step === undefined) resolve();
    else clock.setTimer(step.gapMs, () => submit(step.serviceMs, () => next(index + 1)));
  };
  next(0);
  return promise;
}

/** Of an agent's follow-ups 86 % come within a second and 95 % within ten; the rest is a person thinking. */
function draw(random: SeededRandom, { serviceMs: [shortest, longest] }: AgentHabits): Step {
  const kind = random.ratio();
  const [from, to] = kind < 0.86 ? [100, 1_000] : kind < 0.95 ? [1_000, 10_000] : [10_000, 60_000];
  return { gapMs: from + random.below(to - from), serviceMs: shortest + random.below(longest - shortest) };
}
