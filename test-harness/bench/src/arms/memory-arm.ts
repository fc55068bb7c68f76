// SPDX-License-Identifier: MIT
import { promptFor, type ReplyShape } from '../engine/token-stamp.ts';
import { runRelayLoad } from '../load/relay-load.ts';
import { faultCount } from '../load/reply-judge.ts';
import { usageOf } from '../measure/process-usage.ts';
import { startRelayRig, type RelayRig } from './relay-arm.ts';

/** What open streams cost the service. */
export interface MemoryRow {
  /** `idle`: the task waits and nothing is sent. `running`: a token twice a second, and a connection to the engine. */
  readonly kind: 'idle' | 'running';
  readonly streams: number;
  readonly beforeMb: number;
  readonly openMb: number;
  readonly kbPerStream: number;
  readonly faults: number;
}

const RUNNING: ReplyShape = { tokens: 16, delayUs: 500_000 };
const BLOCKER: ReplyShape = { tokens: 2, delayUs: 60_000_000 };
const MB = 2 ** 20;

/** Holds `streams` streams open on a fresh service, first waiting, then running, and reads its memory. */
export async function measureMemory(streams: number): Promise<readonly MemoryRow[]> {
  return [await measureIdle(streams), await measureRunning(streams)];
}

async function measureIdle(streams: number): Promise<MemoryRow> {
  await using rig = await startRelayRig({ slots: 1, entry: 'built' });
  await warm(rig);
  await submit(rig, BLOCKER);
  const before = usageOf(rig.service.pid).rssBytes;
  const readers = [];
  for (let k = 0; k < streams; k++) {
    const path = `/v1/tasks/${await submit(rig, { tokens: 1, delayUs: 0 })}/stream`;
    readers.push(await rig.service.open(path));
  }
  await Promise.all(readers.map((reader) => reader.until('its start', ({ frames }) => frames.length > 0)));
  const open = usageOf(rig.service.pid).rssBytes;
  for (const reader of readers) reader.close();
  // The blocker would outlast the grace period: asked twice, the service ends at once.
  rig.service.signal('SIGTERM');
  return { kind: 'idle', ...figures(streams, before, open), faults: 0 };
}

async function measureRunning(streams: number): Promise<MemoryRow> {
  await using rig = await startRelayRig({ slots: streams, entry: 'built' });
  await warm(rig);
  const before = usageOf(rig.service.pid).rssBytes;
  let open = 0;
  const look = setTimeout(() => (open = usageOf(rig.service.pid).rssBytes), (RUNNING.tokens * RUNNING.delayUs) / 1000);
  const load = { way: 'orch', url: rig.service.baseUrl, streams, shape: RUNNING, seconds: 30 } as const;
  const { faults } = await runRelayLoad({ ...load, replies: streams });
  clearTimeout(look);
  return { kind: 'running', ...figures(streams, before, open), faults: faultCount(faults) };
}

function figures(streams: number, before: number, open: number): Omit<MemoryRow, 'kind' | 'faults'> {
  return { streams, beforeMb: before / MB, openMb: open / MB, kbPerStream: (open - before) / 1024 / streams };
}

/** Code is loaded and compiled before memory is read. */
async function warm({ service }: RelayRig): Promise<void> {
  const shape = { tokens: 8, delayUs: 0 };
  await runRelayLoad({ way: 'orch', url: service.baseUrl, streams: 64, shape, seconds: 5, replies: 256 });
}

async function submit({ service }: RelayRig, shape: ReplyShape): Promise<string> {
  const body = { prompt: promptFor(shape), max_tokens: shape.tokens };
  const { json, text } = await service.call({ method: 'POST', path: '/v1/tasks', body });
  const { task_id: taskId } = json as { task_id?: string };
  if (taskId === undefined) throw new Error(`the submit was refused: ${text}`);
  return taskId;
}
