// SPDX-License-Identifier: MIT
import { parseArgs } from 'node:util';
import type { Holdings } from './holdings.ts';
import { killAtAnswer } from './kill-at-answer.ts';
import { runKillRounds } from './kill-rounds.ts';
import { runReloadRounds } from './reload-rounds.ts';
import { Soak } from './soak.ts';
import { leaksOf, runSwapCycles, SWAPPED_ENGINES } from './swap-cycles.ts';

const USAGE =
  'npm run chaos -- [kill-rounds | kill-at-answer | soak | reload | swap-cycles] [--rounds 50] [--seed 1] [--minutes 10]';
/** ORCH-1224: what a restart may take besides what the model needs, judged by the median: one start may wait for something else. */
const MOST_RESTART_MS = 2_000;
/** ORCH-1343, ORCH-1448: how much memory may grow after it has settled. */
const MOST_GROWTH_RATIO = 1.1;

/** ORCH-1448 */
const SWAP_CYCLES = { mock: 1_000, 'node-llama-cpp': 50 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
  },
});
const [rounds, seed, minutes] = [values.rounds, values.seed, values.minutes].map(Number) as [number, number, number];

const runs: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'kill-rounds': killRounds,
  'kill-at-answer': answers,
  soak,
  reload,
  'swap-cycles': swapCycles,
};
const run = runs[positionals[0] ?? 'kill-rounds'];
if (run === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const faults = await run();
  for (const fault of faults) console.log(`  ${fault}`);
  console.log(`${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

async function killRounds(): Promise<readonly string[]> {
  const startedAtMs = performance.now();
  const report = await runKillRounds({
    rounds,
    seed,
    onRound({ killCount, streamingAtKill, waitingAtKill, replayedCount, readyMs, ...round }) {
      const ready = readyMs.map((ms) => Math.round(ms)).join(', ');
      console.log(
        `seed ${round.seed}: ${killCount} kills, the first with ${streamingAtKill} streaming and ${waitingAtKill} waiting; ` +
          `${replayedCount} replayed; ${round.tokenCount} tokens; ready after ${ready} ms; ${round.faults.length} faults`,
      );
      if (round.faults.length > 0) console.log(`  repeat it with: npm run chaos -- --rounds 1 --seed ${round.seed}`);
    },
  });
  const sum = (count: (round: (typeof report.rounds)[number]) => number): number =>
    report.rounds.reduce((total, round) => total + count(round), 0);
  console.log(
    `${report.rounds.length} rounds in ${Math.round((performance.now() - startedAtMs) / 1000)} s: ` +
      `${sum(({ killCount }) => killCount)} kills, ${sum(({ acceptedIds }) => acceptedIds.length)} tasks accepted, ` +
      `${sum(({ replayedCount }) => replayedCount)} replayed, ${sum(({ tokenCount }) => tokenCount)} tokens compared; ` +
      `a start takes ${Math.round(report.idleReadyMs)} ms, a restart ${Math.round(report.medianRestartMs)} ms more, ` +
      `the slowest ${Math.round(report.slowestRestartMs)} ms more`,
  );
  const isSlow = report.medianRestartMs > MOST_RESTART_MS;
  return isSlow ? [...report.faults, `a restart takes more than ${MOST_RESTART_MS} ms`] : report.faults;
}

async function answers(): Promise<readonly string[]> {
  const { answeredCount, unansweredCount, keptUnansweredCount, faults } = await killAtAnswer(rounds, seed);
  console.log(
    `${rounds} rounds: ${answeredCount} submits answered, ${unansweredCount} not, ${keptUnansweredCount} of these kept`,
  );
  return faults;
}

async function reload(): Promise<readonly string[]> {
  // ORCH-1453: 100 requests per minute.
  const { requestCount, faults } = await runReloadRounds({
    rounds,
    pauseMs: 600,
    onRound: (line) => console.log(line),
  });
  console.log(`${rounds} failing reloads, ${requestCount} requests`);
  return faults;
}

async function soak(): Promise<readonly string[]> {
  const report = await Soak.run({
    queued: 10_000,
    streams: 1_000,
    seconds: minutes * 60,
    onSample: (residentMiB) => console.log(`  ${residentMiB.toFixed(1)} MiB`),
  });
  const { acceptedCount, endedCount, streamCount, settledMiB, finalMiB, faults } = report;
  const growth = finalMiB / settledMiB;
  console.log(
    `${minutes} minutes with 10,000 queued and 1,000 streams: ${acceptedCount} accepted, ${endedCount} ended, ` +
      `${streamCount} streams read; memory ${settledMiB.toFixed(1)} MiB settled, ${finalMiB.toFixed(1)} MiB in the end`,
  );
  return growth > MOST_GROWTH_RATIO ? [...faults, `memory grew by ${((growth - 1) * 100).toFixed(1)} %`] : faults;
}

async function swapCycles(): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const engine of SWAPPED_ENGINES) {
    const onSample = ({ residentMiB }: Holdings): void => console.log(`  ${engine}: ${residentMiB.toFixed(1)} MiB`);
    const report = await runSwapCycles({ engine, cycles: SWAP_CYCLES[engine], onSample });
    const { swapCount, tookMs, settled, final } = report;
    console.log(
      `${swapCount} swaps on ${engine} in ${Math.round(tookMs / 1000)} s: memory ${settled.residentMiB.toFixed(1)} MiB settled, ` +
        `${final.residentMiB.toFixed(1)} MiB in the end; ${final.fileCount} files, ${final.threadCount} threads, ` +
        `${final.childCount} processes`,
    );
    faults.push(...report.faults, ...leaksOf(report, MOST_GROWTH_RATIO).map((leak) => `${engine}: ${leak}`));
  }
  return faults;
}
