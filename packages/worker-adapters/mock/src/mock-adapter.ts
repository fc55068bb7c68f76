// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerHealth,
  type WorkerMetrics,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { downFault, endingFault } from './map-fault.ts';
import { planGeneration, textOf, type MockDefaults } from './map-request.ts';
import { processClock, type MockClock } from './mock-clock.ts';
import { MockGeneration } from './mock-generation.ts';
import type { MockScript } from './mock-script.ts';
import { scoreOf, vectorOf } from './seeded-vectors.ts';
import { wordsOf } from './seeded-words.ts';

/** Settings of {@link createMockAdapter}. */
export interface MockAdapterOptions {
  /** Default `mock-words`. */
  readonly modelId?: string;
  /** Default `1.0.0`. */
  readonly engineVersion?: string;
  /** Concurrent generations. Default 4. */
  readonly slots?: number;
  /** Context of one slot, in tokens. Default 4,096. */
  readonly ctxMaxTokens?: number;
  /** Milliseconds until the first piece. Default 0. */
  readonly startMs?: number;
  /** Milliseconds between two wake-ups. Default 0. */
  readonly delayMs?: number;
  /** Pieces per wake-up. Default 1. */
  readonly burst?: number;
  /** Milliseconds from creation until the engine is ready. Default 0. */
  readonly loadMs?: number;
  /** The engine never becomes ready. Default false. */
  readonly failLoad?: boolean;
  /** Milliseconds an engine is down after a crash. Default 100. */
  readonly restartMs?: number;
  /** Whether `[[mock …]]` in an input steers the generation. Default true. */
  readonly directives?: boolean;
  /** Steers a generation; directives win over it. */
  readonly script?: (request: WorkerRequest) => MockScript | undefined;
  /** Default: the process's own time. */
  readonly clock?: MockClock;
}

/** An engine without a model: deterministic words, scripted faults, time from a port. */
export function createMockAdapter(options: MockAdapterOptions = {}): WorkerAdapter {
  return new MockAdapter(options);
}

class MockAdapter implements WorkerAdapter {
  readonly kind = 'mock';
  readonly specVersion = 1;
  readonly #clock: MockClock;
  readonly #defaults: MockDefaults;
  readonly #props: WorkerProps;
  readonly #loadMs: number;
  #loadedAtMs: number;
  readonly #failLoad: boolean;
  readonly #restartMs: number;
  readonly #running = new Set<MockGeneration>();
  #runCount = 0;
  #downUntilMs = 0;
  #isClosed = false;

  constructor(options: MockAdapterOptions) {
    const { clock = processClock, startMs = 0, delayMs = 0, burst = 1, loadMs = 0, directives = true } = options;
    this.#clock = clock;
    this.#defaults = { startMs, delayMs, burst, directives, script: options.script };
    this.#props = propsOf(options);
    this.#loadMs = loadMs;
    this.#loadedAtMs = clock.nowMs() + loadMs;
    this.#failLoad = options.failLoad ?? false;
    this.#restartMs = options.restartMs ?? 100;
  }

  async probe(_signal: AbortSignal): Promise<WorkerHealth> {
    const fault = this.#downFault();
    if (fault === undefined) return { state: 'ready', props: this.#props };
    if (fault.code !== 'POOL_UNREADY') return { state: 'failed', error: fault };
    return { state: 'loading', progressRatio: 1 - (this.#loadedAtMs - this.#clock.nowMs()) / this.#loadMs };
  }

  async metrics(_signal: AbortSignal): Promise<WorkerMetrics> {
    const fault = this.#downFault();
    if (fault !== undefined) throw fault;
    return { slotsBusy: this.#running.size, kvCacheUsageRatio: this.#running.size / this.#props.slots };
  }

  async run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const down = this.#downFault();
    if (down !== undefined) throw down;
    if (signal.aborted) return answerEnd('canceled', 0);
    this.#runCount += 1;
    const plan = planGeneration(request, this.#defaults, this.#runCount);
    if (this.#running.size >= this.#props.slots) {
      throw new OrchError('REPLICA_EXHAUSTED', { details: { limit: this.#props.slots } });
    }
    const answer = answerOf(request);
    if (answer !== undefined) return answer;
    const generation = new MockGeneration(plan, { clock: this.#clock, sink, signal, crash: () => this.#crash() });
    this.#running.add(generation);
    try {
      return await generation.outcome;
    } finally {
      this.#running.delete(generation);
    }
  }

  restart(): void {
    this.#loadedAtMs = this.#clock.nowMs() + this.#loadMs;
    for (const generation of this.#running) generation.stop(endingFault('crash'));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const outcomes = [...this.#running].map(({ outcome }) => outcome);
    for (const generation of this.#running) generation.stop();
    await Promise.allSettled(outcomes);
  }

  #crash(): void {
    this.#downUntilMs = this.#clock.nowMs() + this.#restartMs;
    for (const generation of this.#running) generation.stop(endingFault('crash'));
  }

  #downFault(): OrchError | undefined {
    if (this.#isClosed) return downFault('closed');
    if (this.#failLoad) return downFault('load_failed');
    const nowMs = this.#clock.nowMs();
    // ORCH-4106
    if (nowMs < this.#loadedAtMs) return downFault('loading');
    return nowMs < this.#downUntilMs ? downFault('engine_exited') : undefined;
  }
}

function propsOf({ modelId = 'mock-words', engineVersion = '1.0.0', ...options }: MockAdapterOptions): WorkerProps {
  return {
    engine: 'mock',
    engineVersion,
    modelId,
    modelDigest: `sha256:${createHash('sha256').update(modelId).digest('hex')}`,
    slots: options.slots ?? 4,
    ctxMaxTokens: options.ctxMaxTokens ?? 4_096,
    workloads: ['completion', 'chat', 'embedding', 'rerank'],
    slotMode: 'isolated',
    features: { determinism: 'strict', jsonSchema: false, grammar: false, tools: false, sessionReuse: false },
  };
}

/** The whole end of a workload that writes no text. */
function answerOf({ input }: WorkerRequest): WorkerEnd | undefined {
  const tokensIn = wordsOf(textOf(input)).length;
  if (input.workload === 'embedding') return { ...answerEnd('stop', tokensIn), embeddings: input.inputs.map(vectorOf) };
  if (input.workload !== 'rerank') return undefined;
  return { ...answerEnd('stop', tokensIn), scores: input.documents.map((document) => scoreOf(input.query, document)) };
}

function answerEnd(finishReason: 'stop' | 'canceled', tokensIn: number): WorkerEnd {
  return { finishReason, tokensIn, tokensOut: 0, decodeTimeMs: 0, prefixReuse: false };
}
