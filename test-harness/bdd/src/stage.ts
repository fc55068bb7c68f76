// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { HOLD, ScriptedEngine, type ScriptedEngineOptions } from './engine/scripted-engine.ts';
import { ServiceUnderTest } from './service-under-test.ts';
import { sumOf } from './wire/metrics-scrape.ts';

/** The bearer token of services that need one. */
export const TOKEN = 'a-token-of-the-features-0001';
/** Stands in every prompt and every generated text, and therefore nowhere else. */
export const SEAL = 'sealed';
/** Scrapes in a row that may still show a stream whose connection was just closed. */
const CLOSE_SCRAPES = 500;

/** What a scenario asks for. */
export interface StageSpec {
  /** `scripted` engines over HTTP, the service's own `mock`, or the `real` embedded one. */
  readonly engine: 'scripted' | 'mock' | 'real';
  /** One entry per scripted engine; the first is the one steps talk to. */
  readonly engines?: readonly ScriptedEngineOptions[];
  /** Sections of the configuration that differ from the features' own. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running service with the engines behind it. */
export class Stage {
  readonly service: ServiceUnderTest;
  readonly engines: readonly ScriptedEngine[];
  readonly spec: StageSpec;

  private constructor(service: ServiceUnderTest, engines: readonly ScriptedEngine[], spec: StageSpec) {
    this.service = service;
    this.engines = engines;
    this.spec = spec;
  }

  /** Starts engines and service; resolves when every pool is ready, or has found its engines `loading` or `down`. */
  static async open(spec: StageSpec, engineState: 'ready' | 'loading' | 'down' = 'ready'): Promise<Stage> {
    const engines =
      spec.engine === 'scripted'
        ? await Promise.all((spec.engines ?? [{}]).map((options) => ScriptedEngine.start(options)))
        : [];
    for (const engine of engines) engine.loading = engineState === 'loading';
    const config = configOf(spec, engines);
    if (engineState === 'down') await Promise.all(engines.map((engine) => engine.close()));
    try {
      const service = await ServiceUnderTest.start({ config, env: spec.env ?? {} });
      const stage = new Stage(service, engines, spec);
      if (engineState === 'ready') await service.ready(stage.headers);
      if (engineState === 'down')
        await service.log('a replica failed', (line) => line['level'] === 'warn' && 'replica_id' in line);
      return stage;
    } catch (error) {
      await Promise.all(engines.map((engine) => engine.close()));
      throw error;
    }
  }

  /** What every request to this service carries. */
  get headers(): Readonly<Record<string, string>> {
    return this.spec.env?.['LLORCH_API_TOKEN'] === undefined ? {} : { authorization: `Bearer ${TOKEN}` };
  }

  get engine(): ScriptedEngine {
    const [first] = this.engines;
    if (first === undefined) throw new Error('this scenario has no scripted engine');
    return first;
  }

  async scrape(): Promise<string> {
    return (await this.service.call({ path: '/metrics', headers: this.headers })).text;
  }

  /** ORCH-8001: nothing waits, runs or listens. */
  async expectIdle(): Promise<void> {
    let scrape = await this.scrape();
    // A closed connection is noticed by the service in its own time; each look is a round trip, not a pause.
    for (let k = 0; k < CLOSE_SCRAPES && sumOf(scrape, 'streams_open') > 0; k++) scrape = await this.scrape();
    const left = Object.fromEntries(
      ['queue_depth', 'slots_busy', 'streams_open'].map((name) => [name, sumOf(scrape, name)]),
    );
    expect(left, 'what the scenario left behind').toEqual({ queue_depth: 0, slots_busy: 0, streams_open: 0 });
  }

  /** Stops everything and judges the whole life of the service. */
  async close(): Promise<void> {
    try {
      await this.expectIdle();
      const scrape = await this.scrape();
      expect(sumOf(scrape, 'tasks_ended_total'), 'ended tasks').toBe(sumOf(scrape, 'tasks_enqueued_total'));
    } finally {
      const exit = await this.service.stop();
      await Promise.all(this.engines.map((engine) => engine.close()));
      expect(exit, this.service.errorLines.join('\n')).toEqual({ code: 0, signal: null });
    }
    this.expectSealed();
  }

  /** Closes what stands around a service that the scenario itself has ended. */
  async abandon(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()));
    this.expectSealed();
  }

  /** ORCH-1052: neither prompts, nor outputs, nor the token stand in what the service wrote. */
  expectSealed(): void {
    const written = [...this.service.outputLines, ...this.service.errorLines];
    expect(written.filter((line) => line.includes(SEAL) || line.includes(HOLD) || line.includes(TOKEN))).toEqual([]);
  }
}

function configOf(spec: StageSpec, engines: readonly ScriptedEngine[]): Record<string, unknown> {
  const config: Record<string, unknown> = {
    log: { level: 'debug' },
    sessions: { max_turns: 1000 },
    stream: { live_interval_ms: 10 },
    watchdog: { probe_interval_ms: 50 },
  };
  const base = {
    scripted: [{ id: 'main', adapter: 'llamacpp-http', base_url: engines.map(({ url }) => url), max_tokens_out: 64 }],
    mock: [{ id: 'main', adapter: 'mock', max_tokens_out: 10_000, options: { directives: true } }],
    real: [{ id: 'main', adapter: 'node-llama-cpp', max_tokens_out: 64 }],
  };
  config['pools'] = base[spec.engine];
  for (const [path, value] of Object.entries(spec.overrides ?? {})) setAt(config, path.split('.'), value);
  return config;
}

function setAt(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[key] = value;
  else setAt((target[key] ??= {}) as Record<string, unknown>, rest, value);
}
