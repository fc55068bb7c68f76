// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { ServiceUnderTest, sumOf, type SseReader } from '@llama-orch/harness-bdd';
import { submit } from './mock-tasks.ts';

const PAGE_BYTES = 4_096;
const TOKENS = 4;

/** What is swapped. */
export const SWAPPED_ENGINES = ['mock', 'node-llama-cpp'] as const;
/** One of the engines. */
export type SwappedEngine = (typeof SWAPPED_ENGINES)[number];

/** How often and with what. */
export interface SwapCyclesOptions {
  readonly engine: SwappedEngine;
  /** Swaps: each unloads one model and loads another. */
  readonly cycles: number;
  /** Told of the service's resident memory ten times, in MiB. */
  readonly onSample?: (residentMiB: number) => void;
}

/** What a process holds. */
interface Holdings {
  readonly residentMiB: number;
  readonly fileCount: number;
  readonly threadCount: number;
  readonly childCount: number;
}

/** What the cycles showed. */
export interface SwapCyclesReport {
  readonly swapCount: number;
  readonly tookMs: number;
  /** Lowest within the second to fourth tenth of the cycles, and within the last three. */
  readonly settled: Holdings;
  readonly final: Holdings;
  readonly faults: readonly string[];
}

/** ORCH-1448: two models that never live together are asked in turns; what the service holds is watched meanwhile. */
export async function runSwapCycles({ engine, cycles, onSample }: SwapCyclesOptions): Promise<SwapCyclesReport> {
  const service = await ServiceUnderTest.start({ config: configOf(engine) });
  try {
    const [samples, faults]: [Holdings[], string[]] = [[], []];
    const startedAtMs = performance.now();
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const { task_id: id } = await submit(service.baseUrl, promptOf(engine), {
        pool_id: POOLS[cycle % 2],
        max_tokens: TOKENS,
      });
      const reader = await service.open(`/v1/tasks/${id}/stream`);
      await reader.untilOver();
      faults.push(...faultsOf(id, reader));
      samples.push(await holdingsOf(service.pid));
      if ((cycle + 1) % Math.ceil(cycles / 10) === 0) onSample?.(samples.at(-1)?.residentMiB ?? NaN);
    }
    const tookMs = performance.now() - startedAtMs;
    const { text } = await service.call({ path: '/metrics' });
    const [ended, loads] = [sumOf(text, 'tasks_ended_total'), loadsOf(service)];
    if (ended !== cycles) faults.push(`${ended} of ${cycles} tasks ended`);
    if (loads !== cycles) faults.push(`${loads} loads for ${cycles} swaps`);
    const { code } = await service.stop();
    if (code !== 0) faults.push(`the service stopped with ${code}`);
    const tenth = Math.max(1, Math.floor(cycles / 10));
    return {
      swapCount: loads,
      tookMs,
      settled: lowest(samples.slice(tenth, 4 * tenth)),
      final: lowest(samples.slice(-3 * tenth)),
      faults,
    };
  } catch (error) {
    throw new Error(`the service failed: ${service.errorLines.join('\n')}`, { cause: error });
  } finally {
    if (!service.over) {
      service.signal('SIGKILL');
      await service.exited;
    }
  }
}

const POOLS = ['one', 'other'] as const;

function configOf(engine: SwappedEngine): Record<string, unknown> {
  const options = engine === 'mock' ? { directives: true } : {};
  const pool = { adapter: engine, slots: 1, load: 'on_demand', group: 'models', max_wait_ms: 1_000, options };
  return {
    pools: POOLS.map((id) => ({ ...pool, id })),
    swap: { groups: [{ id: 'models', together: false }] },
    retention: { ended_tasks: 20 },
  };
}

function promptOf(engine: SwappedEngine): string {
  return engine === 'mock' ? `[[mock tokens=${TOKENS}]]` : 'a haiku about rain';
}

function faultsOf(id: string, { terminal, tokens, end }: SseReader): readonly string[] {
  if (end !== 'ended' || terminal?.event !== 'end') return [`${id} ended with ${terminal?.raw ?? end}`];
  return tokens.length === 0 ? [`${id} has no tokens`] : [];
}

/** Replicas that the service says it has loaded. */
function loadsOf({ outputLines }: ServiceUnderTest): number {
  return outputLines.filter((line) => /Replica \S+ is loaded\./.test(line)).length;
}

async function holdingsOf(pid: number): Promise<Holdings> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8');
  const tasks = await readdir(`/proc/${pid}/task`);
  const children = await Promise.all(
    // A thread that has just ended has no children.
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return {
    residentMiB: (Number(statm.split(' ')[1]) * PAGE_BYTES) / 2 ** 20,
    fileCount: (await readdir(`/proc/${pid}/fd`)).length,
    threadCount: tasks.length,
    childCount: children.join(' ').split(' ').filter(Boolean).length,
  };
}

function lowest(samples: readonly Holdings[]): Holdings {
  const of = (key: keyof Holdings): number => Math.min(...samples.map((sample) => sample[key]));
  return {
    residentMiB: of('residentMiB'),
    fileCount: of('fileCount'),
    threadCount: of('threadCount'),
    childCount: of('childCount'),
  };
}

/** What has grown: files (sockets and listening ports are among them), threads and processes by any, memory beyond a ratio. */
export function leaksOf({ settled, final }: SwapCyclesReport, mostGrowthRatio: number): readonly string[] {
  const counts = (['fileCount', 'threadCount', 'childCount'] as const).filter((key) => final[key] > settled[key]);
  const growth = final.residentMiB / settled.residentMiB;
  return [
    ...counts.map((key) => `${key} grew from ${settled[key]} to ${final[key]}`),
    ...(growth > mostGrowthRatio ? [`memory grew by ${((growth - 1) * 100).toFixed(1)} %`] : []),
  ];
}
