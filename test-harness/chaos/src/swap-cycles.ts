// SPDX-License-Identifier: MIT
import { ServiceUnderTest, sumOf, type SseReader } from '@llama-orch/harness-bdd';
import { createHoldingsProbe, lowest, type Holdings, type HoldingsProbe } from './holdings.ts';
import { submit } from './mock-tasks.ts';

const TOKENS = 4;
const SAMPLES = 20;
const POOLS = ['one', 'other'] as const;

/** What is swapped. */
export const SWAPPED_ENGINES = ['mock', 'node-llama-cpp'] as const;
/** One of the engines. */
export type SwappedEngine = (typeof SWAPPED_ENGINES)[number];

/** How often and with what. */
export interface SwapCyclesOptions {
  readonly engine: SwappedEngine;
  /** Swaps: each unloads one model and loads another. */
  readonly cycles: number;
  /** Told of what the service holds, twenty times. */
  readonly onSample?: (holdings: Holdings) => void;
}

/** What the cycles showed. */
export interface SwapCyclesReport {
  readonly swapCount: number;
  readonly tookMs: number;
  /** The least within the second to fourth tenth of the cycles, and within the last three. */
  readonly settled: Holdings;
  readonly final: Holdings;
  readonly faults: readonly string[];
}

/** ORCH-1448: two models that never live together are asked in turns; what the service holds is watched meanwhile. */
export async function runSwapCycles(options: SwapCyclesOptions): Promise<SwapCyclesReport> {
  await using probe = await createHoldingsProbe();
  const service = await ServiceUnderTest.start({ ...probe.options, config: configOf(options.engine) });
  try {
    return await runCycles(service, probe, options);
  } finally {
    if (!service.over) {
      service.signal('SIGKILL');
      await service.exited;
    }
  }
}

async function runCycles(
  service: ServiceUnderTest,
  probe: HoldingsProbe,
  { engine, cycles, onSample }: SwapCyclesOptions,
): Promise<SwapCyclesReport> {
  const [samples, faults]: [Holdings[], string[]] = [[], []];
  const startedAtMs = performance.now();
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    faults.push(...(await askOne(service, engine, POOLS[cycle % 2])));
    if (Math.floor(((cycle + 1) * SAMPLES) / cycles) <= samples.length) continue;
    const holdings = await probe.read(service);
    samples.push(holdings);
    onSample?.(holdings);
  }
  const tookMs = performance.now() - startedAtMs;
  const { text } = await service.call({ path: '/metrics' });
  const [ended, swapCount] = [sumOf(text, 'tasks_ended_total'), loadsOf(service)];
  if (ended !== cycles) faults.push(`${ended} of ${cycles} tasks ended`);
  if (swapCount !== cycles) faults.push(`${swapCount} loads for ${cycles} swaps`);
  const { code } = await service.stop();
  if (code !== 0) faults.push(`the service stopped with ${code}`);
  // The first tenth warms up.
  const first = Math.ceil(samples.length / 10);
  const width = Math.min(3 * first, Math.floor((samples.length - first) / 2));
  const settled = lowest(samples.slice(first, first + width));
  return { swapCount, tookMs, settled, final: lowest(samples.slice(-width)), faults };
}

async function askOne(service: ServiceUnderTest, engine: SwappedEngine, poolId: string | undefined): Promise<string[]> {
  const prompt = engine === 'mock' ? `[[mock tokens=${TOKENS}]]` : 'a haiku about rain';
  const { task_id: id } = await submit(service.baseUrl, prompt, { pool_id: poolId, max_tokens: TOKENS });
  const reader = await service.open(`/v1/tasks/${id}/stream`);
  await reader.untilOver();
  return faultsOf(id, reader);
}

function configOf(engine: SwappedEngine): Record<string, unknown> {
  const options = engine === 'mock' ? { directives: true } : {};
  const pool = { adapter: engine, slots: 1, load: 'on_demand', group: 'models', max_wait_ms: 1_000, options };
  return {
    pools: POOLS.map((id) => ({ ...pool, id })),
    swap: { groups: [{ id: 'models', together: false }] },
    retention: { ended_tasks: 20 },
  };
}

function faultsOf(id: string, { terminal, tokens, end }: SseReader): string[] {
  if (end !== 'ended' || terminal?.event !== 'end') return [`${id} ended with ${terminal?.raw ?? end}`];
  return tokens.length === 0 ? [`${id} has no tokens`] : [];
}

/** Replicas that the service says it loads. */
function loadsOf({ outputLines }: ServiceUnderTest): number {
  return outputLines.filter((line) => /Replica \S+ is loaded\./.test(line)).length;
}

/** What has grown: files, threads and processes by any, memory beyond a ratio. */
export function leaksOf({ settled, final }: SwapCyclesReport, mostGrowthRatio: number): readonly string[] {
  const counts = (['fileCount', 'threadCount', 'childCount'] as const).filter((key) => final[key] > settled[key]);
  const growth = final.residentMiB / settled.residentMiB;
  return [
    ...counts.map((key) => `${key} grew from ${settled[key]} to ${final[key]}`),
    ...(growth > mostGrowthRatio ? [`memory grew by ${((growth - 1) * 100).toFixed(1)} %`] : []),
  ];
}
