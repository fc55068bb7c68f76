// SPDX-License-Identifier: MIT
import { OrchError } from '../orch-error.ts';
import type { TokenSink, WorkerAdapter, WorkerEnd } from '../worker-adapter.ts';
import type { WorkerRequest } from '../worker-request.ts';

/** Turns of the event loop after which a late call would have come. */
const QUIET_TURNS = 20;

/** Lets everything that is already due happen. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Rejects, naming `what`, when the promise has not settled within the limit. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took longer than ${limitMs} ms.`)), limitMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** When a recorded run aborts itself; default never. */
export interface RunOptions {
  /** From inside the first call of the sink. */
  readonly abortInSink?: boolean;
  /** Before it starts. */
  readonly abortedBefore?: boolean;
}

/** How a run settled. */
export type RunOutcome =
  { readonly status: 'resolved'; readonly end: WorkerEnd } | { readonly status: 'rejected'; readonly error: unknown };

/** One call of `run` and everything the adapter did with its sink. */
export class RecordedRun implements TokenSink {
  readonly pieces: string[] = [];
  readonly tokenCounts: number[] = [];
  callsAfterAbort = 0;
  callsAfterSettle = 0;
  outcome: RunOutcome | undefined;
  readonly #controller = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  readonly #settled: Promise<void>;
  readonly #limitMs: number;
  readonly #abortsInSink: boolean;

  constructor(adapter: WorkerAdapter, request: WorkerRequest, options: RunOptions & { readonly limitMs: number }) {
    this.#limitMs = options.limitMs;
    if (options.abortedBefore === true) this.abort();
    this.#abortsInSink = options.abortInSink === true;
    this.#settled = adapter.run(request, this, this.#controller.signal).then(
      (end) => void (this.outcome = { status: 'resolved', end }),
      (error: unknown) => void (this.outcome = { status: 'rejected', error }),
    );
  }

  onTokens(texts: readonly string[], tokenCount: number): void {
    if (this.outcome !== undefined) this.callsAfterSettle += 1;
    else if (this.#controller.signal.aborted) this.callsAfterAbort += 1;
    this.pieces.push(...texts);
    this.tokenCounts.push(tokenCount);
    if (this.#abortsInSink) this.abort();
    this.#first.resolve();
  }

  get text(): string {
    return this.pieces.join('');
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Resolves at the first call of the sink; rejects when the run settles without one. */
  async firstPiece(): Promise<void> {
    const ended = this.#settled.then(() => {
      if (this.pieces.length === 0) throw new Error(`The run ended before its first piece: ${describe(this.outcome)}`);
    });
    await within(Promise.race([this.#first.promise, ended]), this.#limitMs, 'The first piece');
  }

  /** Resolves the end; rejects when `run` rejected. */
  async end(): Promise<WorkerEnd> {
    await this.settled();
    if (this.outcome?.status !== 'resolved') throw new Error(`The run did not resolve: ${describe(this.outcome)}`);
    return this.outcome.end;
  }

  /** Resolves the fault; rejects when `run` resolved or rejected anything but an OrchError. */
  async fault(): Promise<OrchError> {
    await this.settled();
    if (this.outcome?.status !== 'rejected') throw new Error('The run did not reject.');
    if (!OrchError.is(this.outcome.error)) throw new Error('The run rejected something that is not an OrchError.');
    return this.outcome.error;
  }

  async settled(): Promise<void> {
    await within(this.#settled, this.#limitMs, 'The run');
  }
}

function describe(outcome: RunOutcome | undefined): string {
  if (outcome === undefined) return 'still running';
  if (outcome.status === 'resolved') return `resolved ${outcome.end.finishReason}`;
  return outcome.error instanceof Error ? outcome.error.message : 'rejected no error';
}
