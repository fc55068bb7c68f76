// SPDX-License-Identifier: MIT
import { DurableService } from './durable-service.ts';
import { KillRound, type KillRoundReport } from './kill-round.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { runUndisturbed } from './undisturbed-run.ts';
import { FULL_SIZE, poolFor, workload, type WorkloadSize } from './workload.ts';

const ROUND_LIMIT_MS = 120_000;

/** What to run. */
export interface KillRoundsOptions {
  readonly rounds: number;
  /** Seed of the first round; each further round adds one. */
  readonly seed: number;
  readonly size?: WorkloadSize;
  /** Told after each round. */
  readonly onRound?: (report: KillRoundReport) => void;
}

/** What came out of all rounds. */
export interface KillRoundsReport {
  readonly rounds: readonly KillRoundReport[];
  /** From start to ready of a service with nothing to recover, in milliseconds. */
  readonly idleReadyMs: number;
  /** What a restart took beyond that, in milliseconds: the middle one, and the slowest. */
  readonly medianRestartMs: number;
  readonly slowestRestartMs: number;
  /** Every fault with the seed of its round. */
  readonly faults: readonly string[];
}

/** Rounds of kills on one data directory, judged by the bytes of an undisturbed run. */
export async function runKillRounds(options: KillRoundsOptions): Promise<KillRoundsReport> {
  const { rounds, seed, size = FULL_SIZE, onRound = () => undefined } = options;
  const [work, pool] = [workload(size), poolFor(size)];
  const { transcripts, readyMs: idleReadyMs } = await runUndisturbed(pool, work);
  await using directory = await temporaryDirectory();
  await using service = await DurableService.start({ directory: directory.path, config: { pools: [pool] } });
  await service.process.ready();
  const reports: KillRoundReport[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const options = { service, size, work, transcripts, seed: seed + round, limitMs: ROUND_LIMIT_MS };
    const report = await new KillRound(options).run();
    reports.push(report);
    onRound(report);
  }
  const faults = reports.flatMap((report) => report.faults.map((fault) => `seed ${report.seed}: ${fault}`));
  faults.push(...(await lostTasks(service, reports)));
  const restartsMs = reports.flatMap(({ readyMs }) => readyMs).map((readyMs) => readyMs - idleReadyMs);
  const medianRestartMs = restartsMs.toSorted((a, b) => a - b)[restartsMs.length >> 1] ?? 0;
  const code = await service.stop();
  if (code !== 0) faults.push(`the service stopped with ${code}`);
  return { rounds: reports, idleReadyMs, medianRestartMs, slowestRestartMs: Math.max(0, ...restartsMs), faults };
}

/** Accepted tasks of all rounds that the last process does not know as completed. */
async function lostTasks(service: DurableService, reports: readonly KillRoundReport[]): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const { seed, acceptedIds } of reports) {
    for (const id of acceptedIds) {
      const { json } = await service.process.call({ path: `/v1/tasks/${id}` });
      const { state } = (json ?? {}) as { state?: string };
      if (state !== 'completed') lost.push(`seed ${seed}: ${id} is ${state ?? 'unknown'} in the end`);
    }
  }
  return lost;
}
