// SPDX-License-Identifier: MIT
// ORCH-1216: run with `node --conditions=@llama-orch/source packages/queue-backends/sqlite/bench/admit-rate.bench.ts [seconds]`.
// Durable admissions per second with so many callers that each wait for their answer, beside the memory queue in the same
// run; exits 1 when 64 callers miss the promise.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import {
  createMemoryTaskQueue,
  type Clock,
  type QueueLimits,
  type Task,
  type TaskId,
  type TaskQueue,
} from '@llama-orch/orchestrator-core';
import { buildTask } from '@llama-orch/orchestrator-core/testkit';
import { openSqliteBackend } from '../src/index.ts';

const CALLER_COUNTS = [1, 16, 64, 256] as const;
const ROUND_MS = Number(process.argv[2] ?? '3') * 1_000;
const PROMISE = { callers: 64, perSecond: 3_000, p99Ms: 50, loopP99Ms: 20 } as const;
const RETENTION = { archivedTasks: 1_000, archiveAgeMs: 3_600_000, endedIds: 1_000 };
const UNBOUNDED: QueueLimits = {
  maxTasks: { interactive: Infinity, batch: Infinity },
  maxBytes: Infinity,
  fullPolicy: 'reject',
  interactiveBurst: 8,
};

const clock: Clock = {
  nowMs: () => performance.now(),
  wallNowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly loopP99Ms: number;
}

/** About 600 bytes as JSON, as a short prompt with its settings is. */
const template = buildTask({ input: { workload: 'completion', prompt: 'a haiku about rain '.repeat(6) } });
let count = 0;

function nextTask(): Task {
  count += 1;
  return { ...template, id: `${count.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000` as TaskId };
}

async function measure(queue: TaskQueue, callerCount: number): Promise<Figures> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const tookMs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + ROUND_MS;
  loop.enable();
  const call = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const sinceMs = performance.now();
      const { outcome } = await queue.admit(nextTask());
      if (outcome !== 'accepted') throw new Error(`a task was ${outcome}`);
      tookMs.push(performance.now() - sinceMs);
      // A queue that answers at once would otherwise never let the event loop turn.
      if (tookMs.length % callerCount === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: callerCount }, call));
  loop.disable();
  tookMs.sort((a, b) => a - b);
  const quantile = (ratio: number): number => tookMs[Math.floor((tookMs.length - 1) * ratio)] ?? NaN;
  return {
    perSecond: tookMs.length / ((performance.now() - startMs) / 1_000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    loopP99Ms: loop.percentile(99) / 1e6,
  };
}

async function measureDurable(callerCount: number): Promise<Figures> {
  const directory = await mkdtemp(join(process.env['BENCH_DIR'] ?? tmpdir(), 'admit-rate-'));
  const backend = await openSqliteBackend({ directory, limits: () => UNBOUNDED, retention: RETENTION, clock });
  try {
    return await measure(backend.queue, callerCount);
  } finally {
    await backend.close();
    await rm(directory, { recursive: true });
  }
}

function measureMemory(callerCount: number): Promise<Figures> {
  return measure(createMemoryTaskQueue({ limits: () => UNBOUNDED, retention: { endedTasks: 1_000 } }), callerCount);
}

console.log('callers  durable/s   p50 ms   p99 ms  loop p99 ms   memory/s  durable:memory');
let kept = true;
for (const callers of CALLER_COUNTS) {
  const durable = await measureDurable(callers);
  const memory = await measureMemory(callers);
  const { perSecond, p50Ms, p99Ms, loopP99Ms } = durable;
  const cells = [callers, perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), loopP99Ms.toFixed(2)];
  const ratio = `1:${(memory.perSecond / perSecond).toFixed(1)}`;
  console.log([...cells, memory.perSecond.toFixed(0), ratio].map((cell) => String(cell).padStart(9)).join(' '));
  if (callers !== PROMISE.callers) continue;
  kept = perSecond >= PROMISE.perSecond && p99Ms < PROMISE.p99Ms && loopP99Ms < PROMISE.loopP99Ms;
}
console.log(kept ? 'The promise for 64 callers is kept.' : 'THE PROMISE FOR 64 CALLERS IS BROKEN.');
process.exitCode = kept ? 0 : 1;
