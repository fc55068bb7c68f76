// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolHealth } from '@llama-orch/client';
import { call } from '@llama-orch/harness-bdd';
import { DurableService } from './durable-service.ts';
import { createMoodyPool, type MODELS, type MoodyPool } from './moody-pool.ts';
import { recordOf, submit } from './mock-tasks.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Ways in which a new model does not come up: it does not load, finds no memory, no port, or never gets healthy. */
export const RELOAD_FAULTS = ['bad', 'huge', 'bound', 'mute'] as const satisfies readonly (typeof MODELS)[number][];

/** One of the faults waits for it. */
const LOAD_TIMEOUT_MS = 10_000;

/** How a run of reloads goes. */
export interface ReloadOptions {
  /** Reloads that fail; each kind of fault in turn, and after every fourth one reload that does not. */
  readonly rounds: number;
  /** From one request to the next, in milliseconds. */
  readonly pauseMs: number;
  readonly onRound?: (round: string) => void;
}

/** What a run of reloads has shown. */
export interface ReloadReport {
  readonly requestCount: number;
  /** What went wrong, each in one sentence; none is the bar of ORCH-1453. */
  readonly faults: readonly string[];
}

/** Reloads a managed pool again and again while requests run. */
export async function runReloadRounds({ rounds, pauseMs, onRound }: ReloadOptions): Promise<ReloadReport> {
  await using directory = await temporaryDirectory();
  const pool = await createMoodyPool(directory.path, LOAD_TIMEOUT_MS);
  const store = join(directory.path, 'store');
  await using service = await DurableService.start({ directory: store, config: { pools: [pool.section] } });
  await service.process.ready();
  const faults: string[] = [];
  const load = new Load(service.baseUrl, pauseMs, faults);
  const reloads = new Reloads(service.baseUrl, pool, faults);
  for (let round = 0; round < rounds; round += 1) {
    const fault = RELOAD_FAULTS[round % RELOAD_FAULTS.length] ?? 'bad';
    const reason = await reloads.failing(fault);
    onRound?.(`${fault}: ${reason}`);
    if (fault !== 'mute') continue;
    const model = await reloads.working();
    onRound?.(`changed over to ${model}`);
  }
  const requestCount = await load.end();
  const left = (await readdir(join(store, 'engines'))).filter((name) => name.endsWith('.json'));
  if (left.length !== 1) faults.push(`${left.length} engines are recorded: ${left.join(', ')}`);
  if ((await service.stop()) !== 0) faults.push('the service did not stop in order');
  return { requestCount, faults };
}

/** Requests that come at a pace, each followed to its end. */
class Load {
  readonly #baseUrl: string;
  readonly #faults: string[];
  readonly #pauseMs: number;
  readonly #running = new Set<Promise<void>>();
  readonly #done: Promise<void>;
  #requestCount = 0;
  #isOver = false;

  constructor(baseUrl: string, pauseMs: number, faults: string[]) {
    this.#baseUrl = baseUrl;
    this.#pauseMs = pauseMs;
    this.#faults = faults;
    this.#done = this.#run();
  }

  /** Sends no more; resolves with their number when all have ended. */
  async end(): Promise<number> {
    this.#isOver = true;
    await this.#done;
    await Promise.all(this.#running);
    return this.#requestCount;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const request = this.#request(this.#requestCount++).finally(() => this.#running.delete(request));
      this.#running.add(request);
      await delay(this.#pauseMs);
    }
  }

  async #request(number: number): Promise<void> {
    try {
      const { task_id: taskId } = await submit(this.#baseUrl, `request ${number}`, { max_tokens: 8 });
      await call(this.#baseUrl, { path: `/v1/tasks/${taskId}/stream` });
      const { state, error } = (await recordOf(this.#baseUrl, taskId)) ?? {};
      if (state !== 'completed') this.#faults.push(`request ${number} is ${state} with ${JSON.stringify(error)}`);
    } catch (error) {
      this.#faults.push(`request ${number}: ${String(error)}`);
    }
  }
}

/** Reloads of one pool, and what has to be true after each. */
class Reloads {
  readonly #baseUrl: string;
  readonly #pool: MoodyPool;
  readonly #faults: string[];
  #model: 'good' | 'good-2' = 'good';

  constructor(baseUrl: string, pool: MoodyPool, faults: string[]) {
    this.#baseUrl = baseUrl;
    this.#pool = pool;
    this.#faults = faults;
  }

  /** A reload that must fail; why it did. */
  async failing(model: (typeof RELOAD_FAULTS)[number]): Promise<string> {
    const { status, json } = await this.#reload(model);
    const { code, details } = json as { code?: string; details?: Record<string, unknown> };
    const reason = String(details?.['reason']);
    const isTold = code === 'RELOAD_FAILED' && details?.['step'] === 'load' && reason.length > 10;
    if (status !== 502 || !isTold) this.#faults.push(`${model} was answered ${status} ${JSON.stringify(json)}`);
    await this.#demandServing(model);
    return reason;
  }

  /** A reload that must succeed; the model that serves now. */
  async working(): Promise<string> {
    this.#model = this.#model === 'good' ? 'good-2' : 'good';
    const { status, json } = await this.#reload(this.#model);
    if (status !== 200 || !(json as Pool).ready)
      this.#faults.push(`a good model got ${status} ${JSON.stringify(json)}`);
    await this.#demandServing(this.#model);
    return this.#model;
  }

  #reload(model: (typeof MODELS)[number]): ReturnType<typeof call> {
    const body = { new_model_ref: this.#pool.modelOf(model) };
    return call(this.#baseUrl, { method: 'POST', path: '/v1/pools/main/reload', body });
  }

  async #demandServing(after: string): Promise<void> {
    const { json } = await call(this.#baseUrl, { path: '/v1/pools/main/health' });
    const { ready, replicas } = json as PoolHealth;
    const serving = replicas.map(({ state, model_id: model }) => `${state} ${String(model)}`);
    if (ready && serving.join() === `ready ${this.#model}`) return;
    this.#faults.push(`after ${after} it is ${ready ? 'ready' : 'not ready'} with ${serving.join()}`);
  }
}
