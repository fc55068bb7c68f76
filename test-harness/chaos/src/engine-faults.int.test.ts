// SPDX-License-Identifier: MIT
import { ScriptedEngine, HOLD as HELD, type EngineGeneration, type SseReader } from '@llama-orch/harness-bdd';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { DurableService } from './durable-service.ts';
import { MOCK_POOL, recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const watchdog = { probe_interval_ms: 20 };
const WORDS = Array.from({ length: 8 }, (_, index) => ` word${index}`);

type OwnedEngine = ScriptedEngine & AsyncDisposable;

/** An engine that is closed with the test. */
async function startEngine(): Promise<OwnedEngine> {
  const engine = await ScriptedEngine.start();
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}

/** A stream without a break: each frame once, in order, one good end. */
function expectUnbroken(reader: SseReader, jobId: string, texts: readonly string[]): void {
  const tag = jobId.slice(0, 8);
  expect(reader.stored.map(({ id }) => id)).toEqual(reader.stored.map((_, seq) => `${tag}:${seq}`));
  expect(reader.tokens.map(({ data }) => data['t'])).toEqual(texts);
  expect(reader.terminal?.event, reader.terminal?.raw).toBe('end');
}

/** The latest generation of a task, once the engine has begun `count` of them. */
async function nthGeneration(engine: ScriptedEngine, marker: string, count: number): Promise<EngineGeneration> {
  await engine.generation(marker);
  while (engine.generationsOf(marker).length < count) await new Promise((resolve) => setImmediate(resolve));
  return engine.generationsOf(marker)[count - 1]!;
}

verifies(
  ['ORCH-1234', 'ORCH-1341'],
  'an engine that dies in mid-token is replaced by its other replica, and readers see one stream',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using one = await startEngine();
    await using two = await startEngine();
    const engines = [one, two];
    const pool = { id: 'main', adapter: 'llamacpp-http', base_url: engines.map(({ url }) => url) };
    await using service = await DurableService.start({
      directory: directory.path,
      config: { pools: [pool], watchdog },
    });
    await service.process.ready();
    const { task_id: id, job_id: jobId } = await submit(service.baseUrl, `${HELD} a`);
    const reader = await service.process.open(`/v1/tasks/${id}/stream`);
    const first = await Promise.race(engines.map(async (engine) => ({ engine, run: await engine.generation(' a') })));
    first.run.write(...WORDS.slice(0, 5));
    await reader.until('five tokens', ({ tokens }) => tokens.length === 5);
    await first.engine.close();
    const other = engines.find((engine) => engine !== first.engine)!;
    const second = await other.generation(' a');
    second.write(...WORDS.slice(0, 3));
    second.write(...WORDS.slice(3));
    second.finish();
    expectUnbroken(await reader.untilEnd(), jobId, WORDS);
    expect(await recordOf(service.baseUrl, id)).toMatchObject({ state: 'completed', attempt: 2 });
    expect(await service.stop()).toBe(0);
  },
);

verifies(
  ['ORCH-1232', 'ORCH-1341'],
  'a replay that gives another text ends the job and shows nothing of it',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using engine = await startEngine();
    const pool = { id: 'main', adapter: 'llamacpp-http', base_url: engine.url };
    await using service = await DurableService.start({
      directory: directory.path,
      config: { pools: [pool], watchdog },
    });
    await service.process.ready();
    const { task_id: id } = await submit(service.baseUrl, `${HELD} b`);
    const reader = await service.process.open(`/v1/tasks/${id}/stream`);
    (await nthGeneration(engine, ' b', 1)).write(...WORDS.slice(0, 4));
    await reader.until('four tokens', ({ tokens }) => tokens.length === 4);
    engine.generationsOf(' b')[0]!.crash();
    (await nthGeneration(engine, ' b', 2)).write(...WORDS.slice(0, 3), ' other', ' more');
    await reader.untilEnd();
    expect(reader.tokens.map(({ data }) => data['t'])).toEqual(WORDS.slice(0, 4));
    expect(reader.terminal).toMatchObject({ event: 'error', data: { code: 'WORKER_RESET' } });
    expect(await service.stop()).toBe(0);
  },
);

verifies(
  ['ORCH-1341', 'ORCH-1027'],
  'an engine that freezes in mid-token is given up, and the next task runs',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using engine = await startEngine();
    const options = { idle_timeout_ms: 200 };
    const pool = { id: 'main', adapter: 'llamacpp-http', base_url: engine.url, options };
    await using service = await DurableService.start({
      directory: directory.path,
      config: { pools: [pool], watchdog },
    });
    await service.process.ready();
    const { task_id: id } = await submit(service.baseUrl, `${HELD} c`);
    const reader = await service.process.open(`/v1/tasks/${id}/stream`);
    // It writes two tokens and then nothing more, with its connection open.
    (await nthGeneration(engine, ' c', 1)).write(...WORDS.slice(0, 2));
    await reader.untilEnd();
    expect(reader.tokens).toHaveLength(2);
    expect(reader.terminal).toMatchObject({ event: 'error', data: { code: 'DECODE_TIMEOUT', retriable: true } });
    const next = await submit(service.baseUrl, 'd');
    const quick = await (await service.process.open(`/v1/tasks/${next.task_id}/stream`)).untilEnd();
    expect(quick.terminal).toMatchObject({ event: 'end' });
    expect(await service.stop()).toBe(0);
  },
);

verifies(
  ['ORCH-1235', 'ORCH-1341'],
  'a poison task ends after three attempts, and what waits behind it runs',
  async () => {
    await using _leaks = watchLeaks();
    await using directory = await temporaryDirectory();
    await using service = await DurableService.start({
      directory: directory.path,
      config: { pools: [MOCK_POOL], watchdog },
    });
    await service.process.ready();
    const { baseUrl } = service;
    const poison = await submit(baseUrl, '[[mock tokens=20 fault=crash at=3]] poison');
    const behind = await submit(baseUrl, '[[mock tokens=5]] behind');
    const victim = await (await service.process.open(`/v1/tasks/${poison.task_id}/stream`)).untilEnd();
    expect(victim.terminal).toMatchObject({ event: 'error', data: { code: 'TASK_POISONED', retriable: false } });
    expect(victim.tokens).toHaveLength(3);
    expect(await recordOf(baseUrl, poison.task_id)).toMatchObject({ state: 'failed', attempt: 3 });
    await (await service.process.open(`/v1/tasks/${behind.task_id}/stream`)).untilEnd();
    expect(await recordOf(baseUrl, behind.task_id)).toMatchObject({ state: 'completed', attempt: 1 });
    expect(await service.stop()).toBe(0);
  },
);

verifies(['ORCH-1234', 'ORCH-1341'], 'a job whose engine another one took down comes out whole', async () => {
  await using _leaks = watchLeaks();
  await using directory = await temporaryDirectory();
  await using service = await DurableService.start({
    directory: directory.path,
    config: { pools: [{ ...MOCK_POOL, slots: 2 }], watchdog },
  });
  await service.process.ready();
  const { baseUrl } = service;
  const [prompt, texts] = ['[[mock tokens=200 delay_ms=8]] good', [] as string[]];
  const undisturbed = await submit(baseUrl, prompt);
  const whole = await (await service.process.open(`/v1/tasks/${undisturbed.task_id}/stream`)).untilEnd();
  texts.push(...whole.tokens.map(({ data }) => String(data['t'])));
  const good = await submit(baseUrl, prompt);
  const reader = await service.process.open(`/v1/tasks/${good.task_id}/stream`);
  await reader.until('a token', ({ tokens }) => tokens.length > 0);
  // Not strict: its first crash ends it, so that it takes the engine down once.
  const crash = await submit(baseUrl, '[[mock tokens=20 fault=crash at=3]]', { determinism: 'best_effort' });
  await (await service.process.open(`/v1/tasks/${crash.task_id}/stream`)).untilEnd();
  expectUnbroken(await reader.untilEnd(), good.job_id, texts);
  expect(await recordOf(baseUrl, good.task_id)).toMatchObject({ state: 'completed', attempt: 2 });
  expect(await service.stop()).toBe(0);
});
