// SPDX-License-Identifier: MIT
import {
  OrchError,
  type TokenSink,
  type WorkerAdapter,
  type WorkerEnd,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';

/** One run that has not settled; it hears its own tokens. */
class OpenRun implements TokenSink {
  /** Undefined once it is over: what its engine sends then goes nowhere. */
  #target: TokenSink | undefined;
  readonly #runs: GuardedRuns;
  readonly reject: (fault: unknown) => void;

  constructor(runs: GuardedRuns, target: TokenSink, reject: (fault: unknown) => void) {
    this.#target = target;
    this.#runs = runs;
    this.reject = reject;
  }

  onTokens(texts: readonly string[], tokenCount: number): void {
    if (this.#target === undefined) return;
    this.#runs.noteTokenFlow();
    this.#target.onTokens(texts, tokenCount);
  }

  close(): void {
    this.#target = undefined;
  }
}

/** The runs on one engine: they end with it, and it can be waited for their end. */
export class GuardedRuns {
  /** What runs them. */
  readonly adapter: WorkerAdapter;
  readonly #open = new Set<OpenRun>();
  #onIdle: (() => void)[] = [];
  #hasTokenFlowed = false;

  constructor(adapter: WorkerAdapter) {
    this.adapter = adapter;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Runs as the adapter does; rejects WORKER_RESET at once when {@link GuardedRuns.fail} is called. */
  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<WorkerEnd>();
    const run = new OpenRun(this, sink, reject);
    this.#open.add(run);
    this.adapter.run(request, run, signal).then(
      (end) => {
        this.#close(run);
        resolve(end);
      },
      (fault: unknown) => {
        this.#close(run);
        reject(fault);
      },
    );
    return promise;
  }

  /** Told by its runs whenever a token comes. */
  noteTokenFlow(): void {
    this.#hasTokenFlowed = true;
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
    for (const run of runs) {
      run.close();
      run.reject(new OrchError('WORKER_RESET', { message, details: { reason: 'engine_ended' } }));
    }
    this.#tellIdle();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#onIdle.push(() => resolve(undefined));
    await promise;
  }

  #close(run: OpenRun): void {
    run.close();
    if (this.#open.delete(run) && this.#open.size === 0) this.#tellIdle();
  }

  #tellIdle(): void {
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const tell of waiting) tell();
  }
}
