// SPDX-License-Identifier: MIT
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

/** An engine that can do everything. */
export const TEST_PROPS: WorkerProps = {
  engine: 'manual',
  engineVersion: '1.0',
  modelId: 'test-model',
  modelDigest: 'sha256:00',
  slots: 1,
  ctxMaxTokens: 128,
  workloads: ['completion', 'chat', 'embedding'],
  slotMode: 'isolated',
  features: { determinism: 'strict', jsonSchema: true, grammar: true, tools: true, sessionReuse: true },
};

/** One generation whose course the test decides. */
export class ManualJob {
  readonly request: WorkerRequest;
  readonly signal: AbortSignal;
  readonly #sink: TokenSink;
  readonly #end = Promise.withResolvers<WorkerEnd>();

  constructor(request: WorkerRequest, sink: TokenSink, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
    this.#sink = sink;
  }

  get done(): Promise<WorkerEnd> {
    return this.#end.promise;
  }

  /** Sends pieces, one token each. */
  send(...texts: string[]): void {
    this.#sink.onTokens(texts, texts.length);
  }

  end(end: Partial<WorkerEnd> = {}): void {
    const plain = { finishReason: 'stop', tokensIn: 2, tokensOut: 0, decodeTimeMs: 7, prefixReuse: false } as const;
    this.#end.resolve({ ...plain, ...end });
  }

  fail(fault: unknown): void {
    this.#end.reject(fault);
  }
}

/** An engine in the hands of a test. */
export class ManualAdapter implements WorkerAdapter {
  readonly kind = 'manual';
  readonly specVersion = 1;
  /** What the next probe tells; undefined leaves it open until its signal aborts. */
  health: WorkerHealth | undefined;
  probeCount = 0;
  readonly jobs: ManualJob[] = [];
  /** Whether an aborted job settles by itself. */
  obedient = true;

  constructor(health: WorkerHealth | undefined = { state: 'ready', props: TEST_PROPS }) {
    this.health = health;
  }

  async probe(signal: AbortSignal): Promise<WorkerHealth> {
    this.probeCount += 1;
    if (this.health !== undefined) return this.health;
    const { promise, reject } = Promise.withResolvers<WorkerHealth>();
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    return promise;
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const job = new ManualJob(request, sink, signal);
    this.jobs.push(job);
    signal.addEventListener('abort', () => {
      if (this.obedient) job.end({ finishReason: 'canceled' });
    });
    return job.done;
  }

  /** What it says it holds for sessions; undefined when it cannot tell. */
  contexts: WorkerMetrics['contexts'];
  /** What its devices have left; undefined when it cannot tell. */
  devices: WorkerMetrics['devices'];
  /** Sessions it was told to forget. */
  readonly forgotten: string[] = [];

  async metrics(): Promise<WorkerMetrics> {
    const { contexts, devices } = this;
    return { ...(contexts && { contexts }), ...(devices && { devices }) };
  }

  forgetSession(sessionId: string): void {
    this.forgotten.push(sessionId);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}

/** The same where the engine is the adapter's own. */
export class OwnedAdapter extends ManualAdapter {
  restartCount = 0;

  restart(): void {
    this.restartCount += 1;
    for (const job of this.jobs) job.fail(new OrchError('WORKER_RESET'));
  }
}

/** The same where the engine tells of itself. */
export class TellingAdapter extends ManualAdapter {
  readonly listeners = new Set<() => void>();

  onHealthChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Is so from now on, and says it. */
  become(health: WorkerHealth): void {
    this.health = health;
    for (const listener of this.listeners) listener();
  }
}
