// SPDX-License-Identifier: MIT
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { type HttpAnswer } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { cancel, HOLD, MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const HOUR_MS = 3_600_000;
/** How long the process is frozen; 5,000 is the bar, CI thaws it sooner. */
const FREEZE_MS = Number(process.env['CHAOS_FREEZE_MS'] ?? '1500');
const PRELOAD = fileURLToPath(new URL('clock-jump.ts', import.meta.url));

const config = {
  pools: [MOCK_POOL],
  queue: { interactive_tasks: 4 },
  stream: { heartbeat_ms: 50, drain_timeout_ms: 500 },
  sessions: { ttl_ms: 60_000 },
  watchdog: { probe_interval_ms: 50 },
};

/** A held task, one that waits with a deadline and a session, and three that fill the queue. */
async function setTheTable(baseUrl: string): Promise<readonly string[]> {
  const running = await submit(baseUrl, HOLD);
  const waiting = [
    await submit(baseUrl, '[[mock tokens=3]]', { session_id: 's', deadline_ms: 120_000 }),
    await submit(baseUrl, '[[mock tokens=4]]'),
    await submit(baseUrl, '[[mock tokens=5]]'),
    await submit(baseUrl, '[[mock tokens=6]]'),
  ];
  return [running, ...waiting].map(({ task_id: id }) => id);
}

/** Nothing ended, expired or changed its place, and a refusal tells a sane time. */
async function expectUntouched(service: ServiceUnderTest, ids: readonly string[]): Promise<void> {
  const records = [];
  for (const id of ids) records.push(await recordOf(service.baseUrl, id));
  expect(records.map((record) => record?.state)).toEqual(['running', 'queued', 'queued', 'queued', 'queued']);
  expect(records.slice(1).map((record) => record?.queue_position)).toEqual([0, 1, 2, 3]);
  expect(records.map((record) => record?.attempt)).toEqual([1, 0, 0, 0, 0]);
  expect((await service.call({ path: '/v1/sessions/s' })).status).toBe(200);
  expect((await service.call({ path: '/readyz' })).status).toBe(200);
  expectSaneRefusal(await service.call({ method: 'POST', path: '/v1/tasks', body: { prompt: HOLD } }));
}

function expectSaneRefusal({ status, headers }: HttpAnswer): void {
  expect(status).toBe(429);
  const [seconds, backoffMs] = [headers['retry-after'], headers['x-backoff-ms']].map(Number);
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(backoffMs).toBeLessThanOrEqual(60_000);
}

/** Lets the held task go; the others then end in their order. */
async function expectRest(service: ServiceUnderTest, ids: readonly string[]): Promise<void> {
  const events = await service.open('/v1/events');
  await cancel(service.baseUrl, ids[0]!);
  const ended = (): string[] =>
    events.frames.filter(({ data }) => data['state'] === 'completed').map(({ data }) => String(data['task_id']));
  await events.until('four tasks completed', () => ended().length === 4);
  expect(ended()).toEqual(ids.slice(1));
  events.close();
}

verifies(['ORCH-1293', 'ORCH-1341'], 'a process that stands still ends, expires and reorders nothing', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  await using service = await DurableService.start({ directory: directory.path, config });
  const now = service.process;
  await now.ready();
  const ids = await setTheTable(service.baseUrl);
  const reader = await now.open(`/v1/tasks/${ids[1]}/stream`);
  now.signal('SIGSTOP');
  // The time is the fault, not something waited for.
  await delay(FREEZE_MS);
  now.signal('SIGCONT');
  await expectUntouched(now, ids);
  await expectRest(now, ids);
  await reader.untilEnd();
  expect(reader.tokens).toHaveLength(3);
  expect(await service.stop()).toBe(0);
});

verifies(['ORCH-1293', 'ORCH-1341'], 'a wall clock that jumps an hour either way changes nothing', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  await using service = await DurableService.start({
    directory: directory.path,
    config: { ...config, log: { level: 'debug' } },
    nodeFlags: ['--import', PRELOAD],
    env: { CHAOS_JUMPS_MS: `${HOUR_MS},${-2 * HOUR_MS}` },
  });
  const now = service.process;
  await now.ready();
  const ids = await setTheTable(service.baseUrl);
  const realMs = Date.now();
  for (const shiftMs of [HOUR_MS, -HOUR_MS]) {
    now.signal('SIGUSR2');
    const path = `/healthz?jump=${shiftMs}`;
    // Told by its own log: the clock has jumped.
    const jumped = now.log(
      'the clock jumped',
      ({ at }) => Math.abs(Date.parse(String(at)) - realMs - shiftMs) < HOUR_MS / 2,
    );
    await now.call({ path });
    await now.call({ path });
    await jumped;
    await expectUntouched(now, ids);
  }
  await expectRest(now, ids);
  expect(await service.stop()).toBe(0);
});
