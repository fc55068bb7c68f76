// SPDX-License-Identifier: MIT
import type { Priority } from '@llama-orch/orchestrator-core';
import type { SeededRandom } from '@llama-orch/orchestrator-core/testkit';

/** What the client of a task says about its length. */
export type Hint = 'nothing' | 'limit' | 'guess';

/** Work that arrives at one pool, with service times that are known. */
export interface Scenario {
  readonly name: string;
  readonly slots: number;
  /** Milliseconds until the first token, and from one to the next. */
  readonly startMs: number;
  readonly delayMs: number;
  /** Tokens of one job. */
  readonly tokens: (random: SeededRandom) => number;
  readonly meanTokens: number;
  readonly hint: Hint;
  readonly burstTasks: number;
  /** Work that arrives over work that the slots can do. */
  readonly loadRatio: number;
  /** Share of tasks of priority `batch`. */
  readonly batchRatio: number;
}

/** A task that a scenario brings. */
export interface Arrival {
  readonly atMs: number;
  readonly tokens: number;
  readonly priority: Priority;
  readonly maxTokens?: number;
  readonly expectedTokens?: number;
  readonly deadlineMs?: number;
}

/** Most tokens of the pool. */
export const MAX_TOKENS = 4_096;
/** Share of tasks that have a deadline. */
const DEADLINE_RATIO = 0.25;

const BASE = { startMs: 30, delayMs: 5, burstTasks: 12, loadRatio: 0.9, batchRatio: 0, hint: 'nothing' } as const;

/** Mixed lengths, several slots, bursts, two priorities, and clients that say something or nothing. */
export const SCENARIOS: readonly Scenario[] = [
  { ...BASE, name: 'equal, 1 slot', slots: 1, tokens: () => 40, meanTokens: 40 },
  { ...BASE, name: 'varied, 2 slots', slots: 2, tokens: (random) => 10 + random.below(61), meanTokens: 40 },
  { ...BASE, name: 'memoryless, 4 slots, bursts', slots: 4, burstTasks: 40, tokens: memoryless, meanTokens: 40 },
  { ...BASE, name: 'short and long, 3 slots', slots: 3, tokens: shortAndLong, meanTokens: 40 },
  {
    ...BASE,
    name: 'short and long, limits told, 3 slots',
    slots: 3,
    hint: 'limit',
    tokens: shortAndLong,
    meanTokens: 40,
  },
  {
    ...BASE,
    name: 'memoryless, guesses told, 8 slots',
    slots: 8,
    burstTasks: 60,
    hint: 'guess',
    tokens: memoryless,
    meanTokens: 40,
  },
  {
    ...BASE,
    name: 'varied, two priorities, 2 slots',
    slots: 2,
    batchRatio: 0.3,
    tokens: (random) => 10 + random.below(61),
    meanTokens: 40,
  },
  {
    ...BASE,
    name: 'short and long, two priorities, 4 slots',
    slots: 4,
    burstTasks: 30,
    batchRatio: 0.5,
    tokens: shortAndLong,
    meanTokens: 40,
  },
];

/** The tasks of a scenario, in the order of their arrival: the same for the same random numbers. */
export function arrivalsOf(scenario: Scenario, count: number, random: SeededRandom): readonly Arrival[] {
  const { slots, startMs, delayMs, meanTokens, burstTasks, loadRatio, batchRatio } = scenario;
  const serviceMs = startMs + delayMs * meanTokens;
  const burstMs = (burstTasks * serviceMs) / (slots * loadRatio);
  const arrivals: Arrival[] = [];
  let burstAtMs = 0;
  for (let i = 0; i < count; i++) {
    if (i % burstTasks === 0) burstAtMs += burstMs * random.ratio() * 2;
    const tokens = scenario.tokens(random);
    const deadlineMs = Math.round(burstMs * (0.05 + 1.2 * random.ratio()));
    arrivals.push({
      atMs: burstAtMs + random.below(100),
      tokens,
      priority: random.ratio() < batchRatio ? 'batch' : 'interactive',
      ...hintOf(scenario.hint, tokens, random),
      ...(random.ratio() < DEADLINE_RATIO ? { deadlineMs } : {}),
    });
  }
  return arrivals.toSorted((a, b) => a.atMs - b.atMs);
}

function hintOf(hint: Hint, tokens: number, random: SeededRandom): Pick<Arrival, 'maxTokens' | 'expectedTokens'> {
  if (hint === 'limit') return { maxTokens: tokens };
  // Guesses are half as much again as what comes, give or take a third.
  if (hint === 'guess') return { expectedTokens: Math.max(1, Math.round(tokens * (1 + random.ratio()))) };
  return {};
}

function memoryless(random: SeededRandom): number {
  return Math.max(1, Math.round(-40 * Math.log(1 - random.ratio())));
}

function shortAndLong(random: SeededRandom): number {
  return random.ratio() < 0.85 ? 12 : 199;
}
