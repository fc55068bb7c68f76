// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServiceUnderTest } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, test } from 'vitest';
import { Countdown } from './countdown.ts';
import { DurableService } from './durable-service.ts';
import { MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { TappedReader } from './tapped-reader.ts';
import { temporaryDirectory } from './temporary-directory.ts';

verifies(
  ['ORCH-1240', 'ORCH-1341'],
  'a client that is cut twice before a new frame, once by a crash, misses nothing',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    const pool = { ...MOCK_POOL, options: { directives: true, load_ms: 200 } };
    await using service = await DurableService.start({ directory: directory.path, config: { pools: [pool] } });
    await service.process.ready();
    const { task_id: id } = await submit(service.baseUrl, '[[mock tokens=120 delay_ms=5]]');
    const path = `/v1/tasks/${id}/stream`;
    const first = await service.process.open(path);
    await first.until('some tokens', ({ tokens }) => tokens.length >= 20);
    await service.crash();
    const got = [...first.stored];
    const resume = { headers: { 'last-event-id': got.at(-1)!.id } };
    // It is cut again before it has read anything new.
    const second = await (await service.restart()).open(path, { ...resume, paused: true });
    expect(second.stored).toEqual([]);
    second.close();
    const third = await (await service.process.open(path, resume)).untilEnd();
    const late = await (await service.process.open(path)).untilEnd();
    expect([...got, ...third.stored].map(({ raw }) => raw)).toEqual(late.stored.map(({ raw }) => raw));
    expect(late.tokens).toHaveLength(120);
    expect(await service.stop()).toBe(0);
  },
);

verifies(
  ['ORCH-1222', 'ORCH-1341'],
  'a client of a job that is not strict is told of the restart in mid-stream',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using service = await DurableService.start({ directory: directory.path, config: { pools: [MOCK_POOL] } });
    await service.process.ready();
    const fields = { max_tokens: 100_000, determinism: 'best_effort' };
    const { task_id: taskId } = await submit(service.baseUrl, '[[mock tokens=100000 delay_ms=1]]', fields);
    const some = new Countdown(300);
    const { baseUrl } = service;
    const signal = AbortSignal.timeout(120_000);
    const reader = new TappedReader({ baseUrl, taskId, signal, onToken: () => some.count() });
    await some.reached;
    await service.crash();
    await service.restart();
    await reader.finished;
    expect(reader.seen.at(-1)).toMatchObject({ event: 'error', data: { code: 'WORKER_RESET', retriable: true } });
    expect(reader.seen.slice(0, -1).map(({ seq }) => seq)).toEqual(reader.seen.slice(0, -1).map((_, seq) => seq));
    expect(await recordOf(baseUrl, taskId)).toMatchObject({ state: 'failed', error: { code: 'WORKER_RESET' } });
    expect(await service.stop()).toBe(0);
  },
);

/** Their frames are several times what the kernel holds for a connection that nobody reads. */
const LONG_TOKENS = 300_000;

/** Resolves when the service has closed every stream connection, by its own count. */
async function untilNoStreams(service: ServiceUnderTest): Promise<void> {
  while (!/^streams_open 0$/m.test((await service.call({ path: '/metrics' })).text)) {
    // The answer to one question is what the next one waits for.
  }
}

verifies(
  ['ORCH-1240', 'ORCH-1341'],
  'a reader that does not read loses its connection, and gets the rest when it returns',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    // Long enough for the readers that do read, whatever else the machine does.
    const stream = { client_buffer_bytes: 1_024, drain_timeout_ms: 3_000, buffer_bytes: 1 << 28 };
    await using service = await DurableService.start({
      directory: directory.path,
      config: { pools: [{ ...MOCK_POOL, max_tokens_out: LONG_TOKENS }], stream },
    });
    await service.process.ready();
    const prompt = `[[mock tokens=${LONG_TOKENS} burst=1000]]`;
    const { task_id: id } = await submit(service.baseUrl, prompt, { max_tokens: LONG_TOKENS });
    const path = `/v1/tasks/${id}/stream`;
    const slow = await service.process.open(path, { paused: true });
    const quick = await service.process.open(path);
    await quick.untilEnd();
    expect(quick.tokens).toHaveLength(LONG_TOKENS);
    await untilNoStreams(service.process);
    // Only now: what the service has given up cannot be saved by reading on.
    slow.resume();
    await slow.untilOver();
    expect(slow.end).toBe('cut');
    const rest = await service.process.open(path, { headers: { 'last-event-id': slow.stored.at(-1)!.id } });
    await rest.untilEnd();
    const all = [...slow.stored, ...rest.stored].map(({ raw }) => raw).join('');
    expect(all === quick.stored.map(({ raw }) => raw).join('')).toBe(true);
    expect(await recordOf(service.baseUrl, id)).toMatchObject({ state: 'completed' });
    expect(await service.stop()).toBe(0);
  },
);

/** Descriptors a service may still open. */
const SPARE = 8;

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function limitDescriptors(pid: number, count: number): void {
  execFileSync('prlimit', [`--nofile=${count}:`, '--pid', `${pid}`]);
}

function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false; // the test says so by being skipped
  }
}

const register = canLimit() ? verifies : undefined;
if (register === undefined) test.skip('no descriptor is left (left out: it needs prlimit)');

register?.(
  ['ORCH-1345', 'ORCH-1341'],
  'with no descriptor left streams go on, and the service recovers by itself',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using service = await DurableService.start({ directory: directory.path, config: { pools: [MOCK_POOL] } });
    const now = service.process;
    await now.ready();
    const { task_id: id } = await submit(service.baseUrl, '[[mock tokens=100000 delay_ms=1]]', { max_tokens: 100_000 });
    const reader = await now.open(`/v1/tasks/${id}/stream`);
    await reader.until('a token', ({ tokens }) => tokens.length > 0);
    const used = descriptorsOf(now.pid);
    limitDescriptors(now.pid, used + SPARE);
    const sockets: Socket[] = [];
    for (let count = 0; count < 40; count += 1) {
      const socket = connect(service.port, '127.0.0.1');
      // What the runtime has no descriptor for it closes.
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const more = async (count = 20): Promise<void> => {
      const before = reader.tokens.length;
      await reader.until('more tokens', ({ tokens }) => tokens.length > before + count);
    };
    while (descriptorsOf(now.pid) < used + SPARE) await more();
    // Long enough that everything that the service does every so often has come.
    await more(600);
    expect(now.over).toBe(false);
    for (const socket of sockets) socket.destroy();
    while (descriptorsOf(now.pid) > used) await more();
    expect((await now.call({ path: '/readyz' })).status).toBe(200);
    expect((await now.call({ method: 'POST', path: `/v1/tasks/${id}/cancel` })).status).toBe(204);
    await reader.untilEnd();
    expect(await service.stop()).toBe(0);
  },
);
