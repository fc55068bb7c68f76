// SPDX-License-Identifier: MIT
import {
  OrchError,
  type FinishReason,
  type TokenSink,
  type WorkerEnd,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import type { Clock, Timer } from '../ports.ts';
import type { Replica } from '../pool/replica.ts';
import type { PieceSink } from '../stream/piece-sink.ts';

/** What became of a run. */
export type JobOutcome =
  /** The engine came to an end by itself, or was stopped at the token limit. */
  | { readonly kind: 'ended'; readonly end: WorkerEnd; readonly finishReason: Exclude<FinishReason, 'canceled'> }
  /** It was aborted for a cancel; without `end` when the engine told nothing any more. */
  | { readonly kind: 'aborted'; readonly end: WorkerEnd | undefined }
  /** `final`: another execution would make it no better. */
  | { readonly kind: 'failed'; readonly error: OrchError; readonly final?: true }
  /** It was interrupted because the service stops; the task goes on in another process. */
  | { readonly kind: 'interrupted' };

/** What a run needs. */
export interface JobRunOptions {
  readonly clock: Clock;
  readonly supervisor: RunSupervisor;
  readonly replica: Replica;
  readonly request: WorkerRequest;
  readonly sink: PieceSink;
}

/** Whom runs tell what goes wrong with their engines. */
export interface RunSupervisor {
  /** How long an aborted engine may take to free its slot, in milliseconds. */
  readonly abortGraceMs: number;
  /** The engine sent something to nobody. */
  late(): void;
  /** The engine has not freed the slot in time; told before whoever waits for the end is. */
  stuck(replica: Replica, reason: string): void;
}

/** One execution of one job on one replica. */
export class JobRun implements TokenSink {
  // What a token touches stands first and together.
  readonly #sink: PieceSink;
  /** No piece is taken any more. */
  #deaf = false;
  readonly #maxTokens: number;
  #acceptedTokens = 0;
  #acceptedPieces = 0;
  #firstTokenAtMs: number | undefined;
  readonly #options: JobRunOptions;
  readonly #controller = new AbortController();
  readonly #outcome = Promise.withResolvers<JobOutcome>();
  #reason: 'cancel' | 'length' | 'difference' | 'stop' | 'timeout' | undefined;
  /** Why the watchdog ended it. */
  #timeout: OrchError | undefined;
  #grace: Timer | undefined;
  #hasLetGo = false;
  /** Told when the adapter lets go. */
  #onFree: (() => void) | undefined;

  constructor(options: JobRunOptions) {
    this.#options = options;
    this.#sink = options.sink;
    this.#maxTokens = options.request.maxTokens;
  }

  /** Grows with everything the engine gives. */
  get progress(): number {
    return this.#acceptedTokens + this.#acceptedPieces;
  }

  /** True where the engine gives everything at its end. */
  get isSilent(): boolean {
    const { workload } = this.#options.request.input;
    return workload === 'embedding' || workload === 'rerank';
  }

  /** Tokens that went into the stream. */
  get acceptedTokens(): number {
    return this.#acceptedTokens;
  }

  /** Pieces that went into the stream. */
  get acceptedPieces(): number {
    return this.#acceptedPieces;
  }

  /** Monotonic; undefined before the first piece. */
  get firstTokenAtMs(): number | undefined {
    return this.#firstTokenAtMs;
  }

  /** Runs to the end. Never rejects; resolves within `abortGraceMs` of an abort, whatever the engine does. */
  execute(): Promise<JobOutcome> {
    const { replica, request } = this.#options;
    let run: Promise<WorkerEnd>;
    try {
      run = replica.adapter.run(request, this, this.#controller.signal);
    } catch (fault) {
      run = Promise.reject(OrchError.from(fault, 'INTERNAL'));
    }
    run.then(
      (end) => this.#letGo(this.#outcomeOf(end)),
      (fault: unknown) => this.#letGo(this.#outcomeOfFault(OrchError.from(fault, 'INTERNAL'))),
    );
    return this.#outcome.promise;
  }

  /** Brings what the engine gives into the stream, up to the limit. */
  onTokens(texts: readonly string[], tokenCount: number): void {
    // ORCH-3474: what an engine sends after the cancel, the limit or its own end goes nowhere.
    if (this.#deaf) {
      this.#options.supervisor.late();
      return;
    }
    this.#firstTokenAtMs ??= this.#options.clock.nowMs();
    const maxTokens = this.#maxTokens;
    const piecesLeft = maxTokens - this.#acceptedPieces;
    const tokensLeft = maxTokens - this.#acceptedTokens;
    if (tokenCount <= tokensLeft && texts.length <= piecesLeft) {
      this.#acceptedTokens += tokenCount;
      this.#acceptedPieces += texts.length;
      this.#deliver(texts);
      return;
    }
    // ORCH-3473: an engine that does not stop at the limit is stopped there.
    const fitting = texts.slice(0, Math.min(tokensLeft, piecesLeft));
    this.#acceptedTokens = maxTokens;
    this.#acceptedPieces += fitting.length;
    this.#reason = 'length';
    this.#deliver(fitting);
    this.#abort();
  }

  /** Calls `free` when the adapter lets go of the job, which may be later than its outcome; at once when it has. */
  whenFree(free: () => void): void {
    if (this.#hasLetGo) free();
    else this.#onFree = free;
  }

  /** Takes no piece from now on and stops the engine; idempotent. */
  cancel(): void {
    this.#reason = 'cancel';
    this.#abort();
  }

  /** The same because the engine takes too long; whatever came first stands. */
  expire(error: OrchError): void {
    if (this.#deaf) return;
    this.#reason = 'timeout';
    this.#timeout = error;
    this.#abort();
  }

  /** The same because the service stops; a cancel comes first. */
  interrupt(): void {
    if (!this.#deaf) this.#reason = 'stop';
    this.#abort();
  }

  #deliver(texts: readonly string[]): void {
    if (this.#sink.append(texts)) return;
    this.#reason = 'difference';
    this.#abort();
  }

  #abort(): void {
    this.#deaf = true;
    if (this.#controller.signal.aborted) return;
    const { clock, supervisor } = this.#options;
    this.#grace = clock.setTimer(supervisor.abortGraceMs, () => this.#abandon());
    this.#controller.abort();
  }

  /** ORCH-3475: nobody waits longer for an engine that does not stop; its slot stays taken until it does. */
  #abandon(): void {
    const { supervisor, replica } = this.#options;
    supervisor.stuck(replica, `It did not stop within ${supervisor.abortGraceMs} ms.`);
    this.#settle(this.#outcomeOfFault(new OrchError('WORKER_RESET')));
  }

  #letGo(outcome: JobOutcome): void {
    this.#settle(outcome);
    this.#hasLetGo = true;
    this.#onFree?.();
  }

  #settle(outcome: JobOutcome): void {
    this.#deaf = true;
    this.#grace?.cancel();
    this.#outcome.resolve(outcome);
  }

  #outcomeOf(end: WorkerEnd): JobOutcome {
    if (this.#reason === 'cancel') return { kind: 'aborted', end };
    if (this.#reason === 'stop') return { kind: 'interrupted' };
    if (this.#timeout !== undefined) return { kind: 'failed', error: this.#timeout };
    if (this.#reason === 'difference' || (end.finishReason !== 'canceled' && !this.#sink.complete)) {
      return differs();
    }
    if (this.#reason === 'length') return { kind: 'ended', end, finishReason: 'length' };
    if (end.finishReason !== 'canceled') return { kind: 'ended', end, finishReason: end.finishReason };
    return { kind: 'failed', error: new OrchError('WORKER_RESET', { message: 'The engine stopped by itself.' }) };
  }

  #outcomeOfFault(error: OrchError): JobOutcome {
    if (this.#reason === 'cancel') return { kind: 'aborted', end: undefined };
    if (this.#reason === 'stop') return { kind: 'interrupted' };
    if (this.#timeout !== undefined) return { kind: 'failed', error: this.#timeout };
    return this.#reason === 'difference' ? differs() : { kind: 'failed', error };
  }
}

/** ORCH-1232: a replay that differs from what readers have, or is shorter, ends the job; nothing of it was written. */
function differs(): JobOutcome {
  const error = new OrchError('WORKER_RESET', { message: 'The replay gave another text than was delivered before.' });
  return { kind: 'failed', error, final: true };
}
