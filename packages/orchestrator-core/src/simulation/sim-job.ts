// SPDX-License-Identifier: MIT
import { OrchError, type TokenSink, type WorkerEnd, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import type { Clock, Timer } from '../ports.ts';
import type { SeededRandom } from '../testkit/seeded-random.ts';
import type { EngineLedger } from './sim-engine.ts';

/** How a job is going to go. */
export interface JobScript {
  readonly fault: 'crash' | 'hang' | 'refuse' | 'exhaust' | 'throw' | 'reject' | 'nonsense' | 'quit' | undefined;
  readonly onAbort: 'prompt' | 'slow' | 'too-slow' | 'much-too-slow' | 'late-tokens';
  /** Tokens it generates if nobody stops it. */
  readonly tokens: number;
  readonly paceMs: number;
}

/** What a job is made from. */
export interface SimJobOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly ledger: EngineLedger;
  readonly request: WorkerRequest;
  readonly sink: TokenSink;
  readonly script: JobScript;
  readonly signal: AbortSignal;
}

/** Most tokens of one wake-up. */
const MAX_BATCH = 4;

/** The text of token `index` of a job: no two jobs share one, so a token in the wrong stream is seen. */
export function pieceOf(jobId: string, index: number): string {
  return `${jobId.slice(0, 8)}:${index} `;
}

/** One generation in a simulated engine. */
export class SimJob {
  readonly #options: SimJobOptions;
  readonly #pieces: string[] = [];
  readonly #end = Promise.withResolvers<WorkerEnd>();
  #timer: Timer | undefined;
  #generated = 0;
  #over = false;
  /** Called when the scripted fault strikes. */
  onFault: (() => void) | undefined;
  /** When core aborted it. */
  abortedAtMs: number | undefined;

  constructor(options: SimJobOptions) {
    this.#options = options;
    options.ledger.pieces.set(options.request.jobId, this.#pieces);
  }

  get request(): WorkerRequest {
    return this.#options.request;
  }

  get jobId(): string {
    return this.request.jobId;
  }

  /** True once it generates no more. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Starts generating. */
  run(): Promise<WorkerEnd> {
    const { script, signal, clock } = this.#options;
    signal.addEventListener('abort', () => this.#onAbort(), { once: true });
    const refusal = refusalOf(script.fault);
    if (refusal !== undefined) this.#reject(refusal);
    else if (script.fault !== 'hang') this.#timer = clock.setTimer(script.paceMs, () => this.#step());
    return this.#end.promise;
  }

  /** The engine under it went away. */
  breakDown(): void {
    const { losses } = this.#options.ledger;
    const isLost = !this.#over && this.abortedAtMs === undefined;
    if (isLost) losses.set(this.jobId, (losses.get(this.jobId) ?? 0) + 1);
    this.#reject(new OrchError('WORKER_RESET', { message: 'The engine crashed.' }));
  }

  /** Stops without a word. */
  forget(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #step(): void {
    const { clock, random, script } = this.#options;
    const left = script.tokens - this.#generated;
    const batch = Math.min(left, 1 + random.below(MAX_BATCH));
    this.#emit(batch);
    if (this.#over || this.abortedAtMs !== undefined) return;
    const halfWay = this.#generated * 2 >= script.tokens;
    if (halfWay && (script.fault === 'crash' || script.fault === 'nonsense' || script.fault === 'quit')) {
      this.#strike(script.fault);
    } else if (this.#generated < script.tokens) {
      this.#timer = clock.setTimer(script.paceMs, () => this.#step());
    } else {
      this.#finish(script.tokens >= this.#options.request.maxTokens ? 'length' : 'stop');
    }
  }

  #emit(count: number): void {
    const { request, sink } = this.#options;
    const texts = Array.from({ length: count }, (_, offset) => pieceOf(request.jobId, this.#generated + offset));
    this.#generated += count;
    if (this.abortedAtMs === undefined) this.#pieces.push(...texts);
    if (count > 0) sink.onTokens(texts, count);
  }

  #strike(fault: 'crash' | 'nonsense' | 'quit'): void {
    if (fault === 'nonsense') this.#reject(new TypeError('not an OrchError'));
    if (fault === 'quit') this.#finish('canceled');
    if (fault === 'crash') this.breakDown();
    this.onFault?.();
  }

  #onAbort(): void {
    const { clock, script } = this.#options;
    if (this.#over) return;
    this.abortedAtMs = clock.nowMs();
    this.#timer?.cancel();
    if (script.onAbort === 'prompt') this.#finish('canceled');
    if (script.onAbort === 'slow') this.#timer = clock.setTimer(100, () => this.#finish('canceled'));
    if (script.onAbort === 'too-slow') this.#timer = clock.setTimer(700, () => this.#finish('canceled'));
    if (script.onAbort === 'much-too-slow') this.#timer = clock.setTimer(4_000, () => this.#finish('canceled'));
    if (script.onAbort === 'late-tokens') {
      this.#emit(2);
      this.#timer = clock.setTimer(50, () => {
        this.#emit(2);
        this.#finish('canceled');
        this.#emit(1);
      });
    }
  }

  #finish(finishReason: WorkerEnd['finishReason']): void {
    this.#over = true;
    const { script } = this.#options;
    const decodeTimeMs = script.paceMs * this.#generated;
    this.#end.resolve({ finishReason, tokensIn: 3, tokensOut: this.#generated, decodeTimeMs, prefixReuse: false });
  }

  #reject(fault: unknown): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#end.reject(fault);
  }
}

function refusalOf(fault: JobScript['fault']): OrchError | undefined {
  if (fault === 'refuse') return new OrchError('POOL_UNREADY');
  if (fault === 'exhaust') return new OrchError('REPLICA_EXHAUSTED');
  return fault === 'reject' ? new OrchError('INVALID_PARAMS') : undefined;
}
