// SPDX-License-Identifier: MIT
// Runs whole orchestrators through random lives in virtual time; exits 1 when a rule was broken and says how to replay it:
// `npm run simulate -- --both --seeds 5000 --ops 1000 --first-seed 1`. With `--seeds 1` it prints the end of the trace.
// `--durable` kills processes, `--both` runs lives without kills and lives with them, `--mutant NAME` plants a bug, `--threads N` sets the
// worker threads.
import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { MUTANTS } from '../src/simulation/mutants.ts';
import { simulate, type SimulationReport } from '../src/simulation/simulate.ts';

interface Share {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly step: number;
  readonly ops: number;
  readonly mutant: string | undefined;
  readonly durable: boolean;
}

const SCRIPT = 'packages/orchestrator-core/bench/simulate.ts';
/** Lines of the trace shown for a single seed. */
const TAIL_LINES = 60;
/** Broken seeds shown at most. */
const SHOWN_COUNT = 5;

async function runShare(share: Share, onReport: (report: SimulationReport) => void): Promise<void> {
  // Stacks of errors that are expected cost more than the simulation itself.
  if (share.seeds > 1) Error.stackTraceLimit = 0;
  const mutant = MUTANTS.find(({ name }) => name === share.mutant);
  for (let seed = share.firstSeed; seed < share.firstSeed + share.seeds; seed += share.step) {
    const keepLines = share.seeds === 1 ? TAIL_LINES : 0;
    const report = await simulate({
      seed,
      opCount: share.ops,
      rest: () => turn(),
      keepLines,
      durable: share.durable,
      ...(mutant === undefined ? {} : { mutant }),
    });
    onReport(report);
  }
}

function startThread(share: Share, onReport: (report: SimulationReport) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const worker = new Worker(new URL(import.meta.url), { workerData: share });
  worker.on('message', onReport);
  worker.on('error', reject);
  worker.on('exit', () => resolve(undefined));
  return promise;
}

function printBroken({ seed, violation, tail }: SimulationReport, { ops, mutant, durable }: Share): void {
  if (tail.length > 0) console.log(tail.join('\n'));
  const extra = `${durable ? ' --durable' : ''}${mutant === undefined ? '' : ` --mutant "${mutant}"`}`;
  console.log(`seed ${seed} broke a rule: ${violation ?? ''}`);
  console.log(
    `  replay: node --conditions=@llama-orch/source ${SCRIPT} --seeds 1 --ops ${ops} --first-seed ${seed}${extra}`,
  );
}

function readArguments(): { readonly wholes: readonly Share[]; readonly threads: number } {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      ops: { type: 'string', default: '500' },
      'first-seed': { type: 'string', default: '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
      mutant: { type: 'string' },
      durable: { type: 'boolean', default: false },
      both: { type: 'boolean', default: false },
    },
  });
  const { mutant } = values;
  const seeds = Number(values.seeds);
  const whole = { firstSeed: Number(values['first-seed']), seeds, step: 1, ops: Number(values.ops), mutant };
  const wholes = (values.both ? [false, true] : [values.durable]).map((durable) => ({ ...whole, durable }));
  return { wholes, threads: Math.min(Number(values.threads), seeds) };
}

async function runAll(whole: Share, threads: number): Promise<readonly SimulationReport[]> {
  const reports: SimulationReport[] = [];
  const onReport = (report: SimulationReport): void => void reports.push(report);
  if (threads === 1) {
    await runShare(whole, onReport);
    return reports;
  }
  const shares = Array.from({ length: threads }, (_, index) => ({
    ...whole,
    firstSeed: whole.firstSeed + index,
    seeds: whole.seeds - index,
    step: threads,
  }));
  await Promise.all(shares.map((share) => startThread(share, onReport)));
  return reports;
}

async function main(): Promise<void> {
  const { wholes, threads } = readArguments();
  for (const whole of wholes) {
    const isGreen = await simulateAll(whole, threads);
    if (!isGreen) process.exitCode = 1;
  }
}

async function simulateAll(whole: Share, threads: number): Promise<boolean> {
  const startedAtMs = performance.now();
  const { user, system } = process.cpuUsage();
  const reports = await runAll(whole, threads);
  const broken = reports.filter(({ violation }) => violation !== undefined);
  for (const report of broken.slice(0, SHOWN_COUNT)) printBroken(report, whole);
  if (whole.seeds === 1) console.log(`trace ${reports[0]?.traceHash ?? ''}`);
  const sum = (of: (report: SimulationReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const seen = new Set(reports.flatMap((report) => [...report.seen]));
  const summary = {
    seeds: reports.length,
    durable: whole.durable,
    ops: reports.length * whole.ops,
    accepted: sum(({ acceptedCount }) => acceptedCount),
    rejected: sum(({ rejectedCount }) => rejectedCount),
    runs: sum(({ runCount }) => runCount),
    broken: broken.length,
    wall_ms: Math.round(performance.now() - startedAtMs),
    cpu_ms: Math.round((process.cpuUsage().user + process.cpuUsage().system - user - system) / 1_000),
    seen: [...seen].sort(),
  };
  console.log(JSON.stringify(summary));
  return broken.length === 0 && reports.length === whole.seeds;
}

if (isMainThread) await main();
else await runShare(workerData as Share, (report) => parentPort?.postMessage(report));
