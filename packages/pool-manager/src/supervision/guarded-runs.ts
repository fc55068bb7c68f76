// SPDX-License-Identifier: MIT
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';

/** The runs on one engine: they end with it, and it can be waited for their end. */
export class GuardedRuns {
  readonly #adapter: WorkerAdapter;
  /** Each ends one run that has not settled. */
  readonly #open = new Set<(fault: OrchError) => void>();
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
    const { promise, resolve, reject } = Promise.withResolvers<WorkerEnd>();
    let isOpen = true;
    const sink: TokenSink = (texts, tokenCount) => {
      if (!isOpen) return;
      this.#hasTokenFlowed = true;
      onTokens(texts, tokenCount);
    };
    const cut = (fault: OrchError): void => {
      isOpen = false;
      reject(fault);
    };
    const settle = (): void => {
      isOpen = false;
      this.#open.delete(cut);
      if (this.#open.size === 0) this.#tellIdle();
    };
    this.#open.add(cut);
    void this.#adapter.run(request, sink, signal).then(resolve, reject).then(settle);
    return promise;
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
    for (const cut of runs) cut(new OrchError('WORKER_RESET', { message, details: { reason: 'engine_ended' } }));
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
