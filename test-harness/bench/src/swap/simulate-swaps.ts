// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@llama-orch/orchestrator-core/testkit';
import { startAgents, type AgentHabits } from './sim-agents.ts';
import { SimCard, type SimModel } from './sim-card.ts';
import { rule, type SwapPolicy } from './swap-policies.ts';

/** Three agents on three models and one card. */
export interface SwapScenario extends AgentHabits {
  readonly name: string;
  readonly slots: number;
  readonly maxWaitMs: number;
  readonly models: readonly SimModel[];
}

const MODELS: readonly SimModel[] = [
  { id: 'planner', loadMs: 10_000 },
  { id: 'explorer', loadMs: 4_000 },
  { id: 'coder', loadMs: 7_000 },
];

/** What is simulated. */
export const SWAP_SCENARIOS: readonly SwapScenario[] = [
  { name: 'one request at a time', helpers: 1, serviceMs: [1_000, 8_000], slots: 1, maxWaitMs: 60_000, models: MODELS },
  { name: 'helpers side by side', helpers: 4, serviceMs: [1_000, 8_000], slots: 4, maxWaitMs: 60_000, models: MODELS },
  { name: 'long jobs', helpers: 2, serviceMs: [5_000, 30_000], slots: 4, maxWaitMs: 180_000, models: MODELS },
];

/** What came of a simulation. Times in milliseconds. */
export interface SwapFigures {
  readonly taskCount: number;
  readonly swapCount: number;
  readonly waitP50Ms: number;
  readonly waitP95Ms: number;
  readonly longestWaitMs: number;
  /** The same for tasks that came when every model had been loaded once. */
  readonly longestSettledWaitMs: number;
  /** Virtual time until the last task was served. */
  readonly tookMs: number;
  /** Share of this time for which a job ran. */
  readonly busyRatio: number;
}

/** Serves the same seeded work under one policy. */
export async function simulateSwaps(
  { models, slots, maxWaitMs, ...habits }: SwapScenario,
  { policy, seed, steps }: { policy: SwapPolicy; seed: number; steps: number },
): Promise<SwapFigures> {
  const clock = new FakeClock();
  const card = new SimCard({ clock, models, slots });
  const end = rule(card, policy, maxWaitMs);
  let isDone = false;
  const done = startAgents(card, { ...habits, seed, steps }).then(() => (isDone = true));
  while (!isDone) {
    if (!clock.fireNext()) throw new Error(`The policy ${policy} leaves tasks waiting for ever.`);
    await turn();
  }
  await done;
  const tookMs = clock.nowMs();
  await end();
  const waits = card.waits.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  const settled = card.waits.filter(({ isSettled }) => isSettled).map(({ waitMs }) => waitMs);
  const quantile = (ratio: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * ratio))] ?? 0;
  return {
    taskCount: waits.length,
    swapCount: card.loadCount,
    waitP50Ms: quantile(0.5),
    waitP95Ms: quantile(0.95),
    longestWaitMs: quantile(1),
    longestSettledWaitMs: Math.max(0, ...settled),
    tookMs,
    busyRatio: card.busyMs / tookMs,
  };
}

/** ORCH-1447: no wait is longer once every model has been loaded; before, by a job at most. */
export function longestAllowedWaitMs({ maxWaitMs, models }: SwapScenario): number {
  return maxWaitMs + Math.max(...models.map(({ loadMs }) => loadMs));
}
