// SPDX-License-Identifier: MIT
import { SeededRandom } from '@llama-orch/orchestrator-core/testkit';
import type { WorkloadSize } from './workload.ts';

/** When the service of a round is killed. */
export interface KillPlan {
  /** Kills that follow events: so many accepted submits, or so many tokens that reached a reader. The last one counts from the restart. */
  readonly kills: readonly KillMoment[];
  /** Lives of processes that are killed while they start, in milliseconds; between the first restart and the next kill. */
  readonly stillbornLivesMs: readonly number[];
}

/** The moment of a kill. */
export interface KillMoment {
  readonly after: 'submits' | 'tokens';
  readonly count: number;
}

const LONGEST_STILLBORN_MS = 1_500;

/**
 * Draws the plan of a round: in one of four rounds the kill meets the submits, in the others the streams; in one of three a
 * second kill meets the replays; in one of four a process dies while it starts. No task is killed more often than it
 * may be attempted.
 */
export function drawKillPlan(seed: number, { streaming, queued, longTokens }: WorkloadSize): KillPlan {
  const random = new SeededRandom(seed);
  const tokenMoment = (): KillMoment => ({
    after: 'tokens',
    count: 1 + random.below(Math.floor(streaming * longTokens * 0.9)),
  });
  const first: KillMoment =
    random.below(4) === 0 ? { after: 'submits', count: 1 + random.below(streaming + queued) } : tokenMoment();
  const kills = random.below(3) === 0 ? [first, tokenMoment()] : [first];
  const stillbornLivesMs = random.below(4) === 0 ? [random.below(LONGEST_STILLBORN_MS)] : [];
  return { kills, stillbornLivesMs };
}
