// SPDX-License-Identifier: MIT
import { runRelayLoad } from '../load/relay-load.ts';
import { faultCount } from '../load/reply-judge.ts';
import { usageOf } from '../measure/process-usage.ts';
import { startRelayRig } from './relay-arm.ts';

/** What open streams cost. */
export interface MemoryRow {
  readonly streams: number;
  readonly idleMb: number;
  readonly openMb: number;
  readonly kbPerStream: number;
  readonly faults: number;
}

const TOKEN_EVERY_US = 500_000;
const TOKENS = 16;

/** Holds `streams` nearly idle streams open on a fresh service and reads its memory before and meanwhile. */
export async function measureMemory(streams: number): Promise<MemoryRow> {
  await using rig = await startRelayRig({ slots: streams, entry: 'built' });
  const { service } = rig;
  const load = { way: 'orch', url: service.baseUrl } as const;
  await runRelayLoad({ ...load, streams: 64, shape: { tokens: 8, delayUs: 0 }, seconds: 5, replies: 256 });
  const idle = usageOf(service.pid).rssBytes;
  let open = 0;
  const look = setTimeout(() => (open = usageOf(service.pid).rssBytes), (TOKENS * TOKEN_EVERY_US) / 1000);
  const figures = await runRelayLoad({
    ...load,
    streams,
    shape: { tokens: TOKENS, delayUs: TOKEN_EVERY_US },
    seconds: 30,
    replies: streams,
  });
  clearTimeout(look);
  const mb = 2 ** 20;
  return {
    streams,
    idleMb: idle / mb,
    openMb: open / mb,
    kbPerStream: (open - idle) / 1024 / streams,
    faults: faultCount(figures.faults),
  };
}
