// SPDX-License-Identifier: MIT
import { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { startEngineProcess, type EngineProcess } from '../engine/engine-process.ts';
import type { ReplyShape } from '../engine/token-stamp.ts';
import { runRelayLoad, type RelayFigures, type Way } from '../load/relay-load.ts';
import { faultCount } from '../load/reply-judge.ts';
import { median } from '../measure/median.ts';
import { usageOf } from '../measure/process-usage.ts';

/** A service whose only worker is the stamped engine. */
export interface RelayRig extends AsyncDisposable {
  readonly engine: EngineProcess;
  readonly service: ServiceUnderTest;
}

/** How a rig is set up. */
export interface RelayRigOptions {
  /** Where tasks are kept; default memory. */
  readonly backend?: 'memory' | 'sqlite';
  readonly slots?: number;
  /** The engine hangs up after each reply, as llama-server does. */
  readonly closesStreams?: boolean;
  readonly entry?: 'source' | 'built';
  readonly nodeFlags?: readonly string[];
}

/** Starts engine and service, each a process of its own. */
export async function startRelayRig({
  backend = 'memory',
  slots = 512,
  closesStreams = false,
  entry = 'source',
  nodeFlags = [],
}: RelayRigOptions = {}): Promise<RelayRig> {
  const engine = await startEngineProcess(slots, { closesStreams });
  const service = await ServiceUnderTest.start({
    entry,
    nodeFlags,
    config: {
      store: { backend },
      queue: { interactive_tasks: 1_000_000 },
      pools: [{ id: 'main', adapter: 'llamacpp-http', base_url: engine.url, max_tokens_out: 4096 }],
    },
  });
  await service.ready();
  return {
    engine,
    service,
    async [Symbol.asyncDispose]() {
      await service.stop();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** One line of the relay table; times in microseconds. */
export interface RelayRow {
  readonly streams: number;
  readonly delayUs: number;
  readonly tokensPerSecond: number;
  /** Tokens per second beside the direct way of the same round. */
  readonly shareOfDirect: number;
  readonly firstTokenAddedUs: number;
  readonly tokenAddedUs: number;
  readonly cpuUsPerToken: number;
  readonly faults: number;
}

/** What to measure. */
export interface RelayPlan {
  readonly streams: number;
  readonly shape: ReplyShape;
  readonly seconds: number;
  readonly rounds: number;
}

/** Measures both ways in turn, round by round, so that whatever else the machine does hits both. */
export async function measureRelay({ engine, service }: RelayRig, plan: RelayPlan): Promise<RelayRow> {
  const { streams, shape, seconds, rounds } = plan;
  const run = (way: Way): Promise<RelayFigures> =>
    runRelayLoad({ way, url: way === 'direct' ? engine.url : service.baseUrl, streams, shape, seconds });
  const warm = { way: 'orch', url: service.baseUrl, streams, shape: { tokens: 16, delayUs: 0 }, seconds: 1 } as const;
  await runRelayLoad({ ...warm, replies: streams * 2 });
  const rows: RelayRow[] = [];
  for (let round = 0; round < rounds; round++) {
    const direct = await run('direct');
    const before = usageOf(service.pid);
    const orch = await run('orch');
    const cpuUs = usageOf(service.pid).cpuUs - before.cpuUs;
    rows.push({
      streams,
      delayUs: shape.delayUs,
      tokensPerSecond: rateOf(orch),
      shareOfDirect: rateOf(orch) / rateOf(direct),
      firstTokenAddedUs: orch.firstTokenUs.percentile(50) - direct.firstTokenUs.percentile(50),
      tokenAddedUs: orch.tokenUs.percentile(50) - direct.tokenUs.percentile(50),
      cpuUsPerToken: cpuUs / orch.tokens,
      faults: faultCount(orch.faults) + faultCount(direct.faults),
    });
  }
  return middleOf(rows);
}

function rateOf({ tokens, seconds }: RelayFigures): number {
  return tokens / seconds;
}

/** The median of each figure; faults are added up, none is averaged away. */
function middleOf(rows: readonly RelayRow[]): RelayRow {
  const of = (pick: (row: RelayRow) => number): number => median(rows.map(pick));
  return {
    streams: of((row) => row.streams),
    delayUs: of((row) => row.delayUs),
    tokensPerSecond: of((row) => row.tokensPerSecond),
    shareOfDirect: of((row) => row.shareOfDirect),
    firstTokenAddedUs: of((row) => row.firstTokenAddedUs),
    tokenAddedUs: of((row) => row.tokenAddedUs),
    cpuUsPerToken: of((row) => row.cpuUsPerToken),
    faults: rows.reduce((sum, { faults }) => sum + faults, 0),
  };
}
