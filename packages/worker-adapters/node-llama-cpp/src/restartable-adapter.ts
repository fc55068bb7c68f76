// SPDX-License-Identifier: MIT
import type {
  TokenSink,
  WorkerAdapter,
  WorkerEnd,
  WorkerHealth,
  WorkerMetrics,
  WorkerRequest,
} from '@llama-orch/worker-adapter-api';

/** An engine that can be left to itself. */
export interface AbandonableAdapter extends WorkerAdapter {
  /** Ends its runs at once; resolves when it is gone, or is not waited for any longer. */
  abandon(): Promise<void>;
  countPromptTokens(request: WorkerRequest, signal: AbortSignal): Promise<number>;
}

/** One engine after the other: a restart leaves the old one to itself and loads another beside it. */
export class RestartableAdapter implements WorkerAdapter {
  readonly kind: string;
  readonly specVersion = 1;
  readonly #load: () => AbandonableAdapter;
  readonly #leaving = new Set<Promise<void>>();
  #engine: AbandonableAdapter;
  #isClosed = false;

  constructor(load: () => AbandonableAdapter) {
    this.#load = load;
    this.#engine = load();
    this.kind = this.#engine.kind;
  }

  probe(signal: AbortSignal): Promise<WorkerHealth> {
    return this.#engine.probe(signal);
  }

  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    return this.#engine.run(request, sink, signal);
  }

  metrics(signal: AbortSignal): Promise<WorkerMetrics> {
    return this.#engine.metrics(signal);
  }

  countPromptTokens(request: WorkerRequest, signal: AbortSignal): Promise<number> {
    return this.#engine.countPromptTokens(request, signal);
  }

  forgetSession(sessionId: string): void {
    this.#engine.forgetSession?.(sessionId);
  }

  restart(): void {
    if (this.#isClosed) return;
    const leaving = this.#engine.abandon().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    this.#engine = this.#load();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#engine.close(), ...this.#leaving]);
  }
}
