// SPDX-License-Identifier: MIT
import { parseArgs } from 'node:util';
import { runKillRounds } from './kill-rounds.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const startedAtMs = performance.now();
const { rounds, faults, idleReadyMs, slowestRestartMs } = await runKillRounds({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  onRound({ seed, killCount, streamingAtKill, waitingAtKill, replayedCount, tokenCount, readyMs, faults }) {
    const ready = readyMs.map((ms) => Math.round(ms)).join(', ');
    console.log(
      `seed ${seed}: ${killCount} kills, the first with ${streamingAtKill} streaming and ${waitingAtKill} waiting; ` +
        `${replayedCount} replayed; ${tokenCount} tokens; ready after ${ready} ms; ${faults.length} faults`,
    );
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) console.log(`  repeat it with: npm run chaos -- --rounds 1 --seed ${seed}`);
  },
});
const sum = (count: (round: (typeof rounds)[number]) => number): number =>
  rounds.reduce((total, round) => total + count(round), 0);
console.log(
  `${rounds.length} rounds in ${Math.round((performance.now() - startedAtMs) / 1000)} s: ` +
    `${sum(({ killCount }) => killCount)} kills, ${sum(({ acceptedIds }) => acceptedIds.length)} tasks accepted, ` +
    `${sum(({ replayedCount }) => replayedCount)} replayed, ${sum(({ tokenCount }) => tokenCount)} tokens compared; ` +
    `a start takes ${Math.round(idleReadyMs)} ms, the slowest restart ${Math.round(slowestRestartMs)} ms more; ` +
    `${faults.length} faults`,
);
for (const fault of faults) console.log(`  ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
