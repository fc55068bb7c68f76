// SPDX-License-Identifier: MIT
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';

/** A run that can be ended from outside. */
interface OpenRun {
  isOpen: boolean;
  reject(fault: OrchError): void;
}

/** The runs on one engine: they end with it, and it can be waited for their end. */
export class GuardedRuns {
  readonly #adapter: WorkerAdapter;
  readonly #open = new Set<OpenRun>();
  #onIdle: (() => void)[] = [];
  #hasTokenFlowed = false;

  constructor(adapter: WorkerAdapter) {
    this.#adapter = adapter;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Runs as the adapter does; rejects WORKER_RESET at once when {@link GuardedRuns.fail} is called. */
  run(request: WorkerRequest, onTokens: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    return new Promise((resolve, reject) => {
      const run: OpenRun = { isOpen: true, reject };
      this.#open.add(run);
      const sink: TokenSink = (texts, tokenCount) => {
        if (!run.isOpen) return;
        this.#hasTokenFlowed = true;
        onTokens(texts, tokenCount);
      };
      const settle = (): void => {
        run.isOpen = false;
        this.#open.delete(run);
        if (this.#open.size === 0) this.#tellIdle();
      };
      this.#adapter.run(request, sink, signal).then(resolve, reject).finally(settle);
    });
  }

  /** True when a token came since the last call. */
  takeTokenFlow(): boolean {
    const hasFlowed = this.#hasTokenFlowed;
    this.#hasTokenFlowed = false;
    return hasFlowed;
  }

  /** Ends every run: its engine is gone. ORCH-1413 */
  fail(message: string): void {
    const runs = [...this.#open];
    this.#open.clear();
    for (const run of runs) run.isOpen = false;
    for (const run of runs) run.reject(new OrchError('WORKER_RESET', { message, details: { reason: 'engine_ended' } }));
    this.#tellIdle();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#onIdle.push(() => resolve(undefined));
    await promise;
  }

  #tellIdle(): void {
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const tell of waiting) tell();
  }
}
