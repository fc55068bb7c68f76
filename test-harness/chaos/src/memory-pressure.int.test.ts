// SPDX-License-Identifier: MIT
import { call } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { cancel, MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Small against the fifth of the heap that is left at the mark: between two looks of the guard many are taken. */
const LARGE = 'x'.repeat(400_000);

verifies(
  ['ORCH-1344', 'ORCH-1341'],
  'a heap that fills up refuses tasks and streams, lets jobs go on and takes new ones when there is room',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using service = await DurableService.start({
      directory: directory.path,
      // What is kept of ended tasks is small against the heap, as it is by default against that of a service.
      config: { pools: [{ ...MOCK_POOL, slots: 2 }], retention: { transcript_bytes: 1_000_000 } },
      nodeFlags: ['--max-old-space-size=96'],
    });
    const now = service.process;
    await now.ready();
    const { baseUrl } = service;
    const running = await submit(baseUrl, '[[mock tokens=100000 delay_ms=1]]', { max_tokens: 100_000 });
    const reader = await now.open(`/v1/tasks/${running.task_id}/stream`);
    await reader.until('a token', ({ tokens }) => tokens.length > 0);
    const holder = await submit(baseUrl, '[[mock start_ms=600000]]');

    const small = { method: 'POST', path: '/v1/tasks', body: { prompt: 'hi' } };
    const large = { ...small, body: { prompt: LARGE } };
    const waiting: string[] = [];
    let answer = await call(baseUrl, large);
    for (; answer.status === 202; answer = await call(baseUrl, large)) {
      waiting.push((answer.json as { task_id: string }).task_id);
    }
    expect(answer.status, answer.text).toBe(503);
    expect(answer.json).toMatchObject({ code: 'MEMORY_PRESSURE', retriable: true, details: { memory: 'heap' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    const stream = await call(baseUrl, { path: `/v1/tasks/${waiting[0]}/stream` });
    expect([stream.status, stream.json]).toEqual([503, expect.objectContaining({ code: 'MEMORY_PRESSURE' })]);
    expect((await now.call({ path: '/metrics' })).text).toContain('\nmemory_pressure 1\n');

    const before = reader.tokens.length;
    await reader.until('more tokens', ({ tokens }) => tokens.length > before + 20);
    for (const id of waiting) await cancel(baseUrl, id);
    do answer = await call(baseUrl, small);
    while (answer.status === 503);
    expect(answer.status, answer.text).toBe(202);
    for (const { task_id: id } of [holder, running]) await cancel(baseUrl, id);
    await reader.untilEnd();
    expect(await recordOf(baseUrl, waiting.at(-1) ?? '')).toMatchObject({ state: 'canceled' });
    expect(await service.stop()).toBe(0);
  },
);
