// SPDX-License-Identifier: MIT
import type { OrchError, TokenSink, WorkerEnd } from '@llama-orch/worker-adapter-api';
import { endingFault, isEnding } from './map-fault.ts';
import type { MockPlan } from './map-request.ts';
import type { MockClock } from './mock-clock.ts';

/** Calls of the sink after an abort that the fault `late_tokens` makes. */
const LATE_CALLS = 3;

/** What a generation is given. */
export interface GenerationContext {
  readonly clock: MockClock;
  readonly sink: TokenSink;
  readonly signal: AbortSignal;
  /** Takes the whole engine down. */
  readonly crash: () => void;
}

/** One generation on one slot: wakes up, sends a burst, sleeps, until its plan, a fault or an abort ends it. */
export class MockGeneration {
  readonly #plan: MockPlan;
  readonly #context: GenerationContext;
  readonly #outcome = Promise.withResolvers<WorkerEnd>();
  readonly #startedMs: number;
  #timer: { cancel(): void } | undefined;
  #sentCount = 0;
  #isOver = false;
  readonly #onAbort = (): void => this.#abort();

  constructor(plan: MockPlan, context: GenerationContext) {
    this.#plan = plan;
    this.#context = context;
    this.#startedMs = context.clock.nowMs();
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#sleep(plan.startMs);
  }

  /** Settles when the slot is free. */
  get outcome(): Promise<WorkerEnd> {
    return this.#outcome.promise;
  }

  /** Ends the generation from outside: the adapter closes (no fault) or the engine crashes. */
  stop(fault?: OrchError): void {
    if (this.#isOver) return;
    if (fault === undefined) this.#finish('canceled');
    else this.#fail(fault);
  }

  #wake(): void {
    const { burst, fault, faultAt, pieceCount } = this.#plan;
    const next = Math.min(pieceCount, this.#sentCount + burst);
    if (fault === undefined || fault === 'drift' || fault === 'late_tokens' || fault === 'ignore_abort')
      this.#send(next);
    else this.#send(Math.min(next, faultAt));
    if (this.#isOver || this.#context.signal.aborted) return;
    const isFaultDue = fault !== undefined && this.#sentCount >= Math.min(faultAt, pieceCount);
    if (isFaultDue && this.#playFault()) return;
    if (this.#sentCount >= pieceCount) this.#finish(this.#plan.finishReason);
    else this.#sleep(this.#plan.delayMs);
  }

  /** Plays the plan's fault; true when the generation is not to go on by itself. */
  #playFault(): boolean {
    const { fault, pieceCount } = this.#plan;
    if (fault === 'hang') return true;
    if (fault === 'flood') this.#send(pieceCount);
    if (fault === 'crash') this.#context.crash();
    else if (isEnding(fault)) this.#fail(endingFault(fault));
    return this.#isOver || this.#context.signal.aborted;
  }

  #send(until: number): void {
    if (until <= this.#sentCount) return;
    const pieces: string[] = [];
    for (let index = this.#sentCount; index < until; index += 1) pieces.push(this.#plan.pieceAt(index));
    this.#sentCount = until;
    this.#context.sink.onTokens(pieces, pieces.length);
  }

  #sleep(delayMs: number): void {
    this.#timer = this.#context.clock.setTimer(delayMs, () => this.#wake());
  }

  #abort(): void {
    this.#timer?.cancel();
    // ORCH-4105: the two faults that break the port do so here and nowhere else.
    if (this.#plan.fault === 'ignore_abort') return;
    if (this.#plan.fault === 'late_tokens') this.#sendLate(LATE_CALLS);
    this.#finish('canceled');
  }

  #sendLate(calls: number): void {
    if (calls === 0) return;
    this.#context.clock.setTimer(this.#plan.delayMs, () => {
      this.#context.sink.onTokens(['late'], 1);
      this.#sendLate(calls - 1);
    });
  }

  #finish(finishReason: WorkerEnd['finishReason']): void {
    this.#over();
    this.#outcome.resolve({
      finishReason,
      tokensIn: this.#plan.tokensIn,
      tokensOut: this.#sentCount,
      decodeTimeMs: this.#context.clock.nowMs() - this.#startedMs,
      prefixReuse: false,
    });
  }

  #fail(fault: OrchError): void {
    this.#over();
    this.#outcome.reject(fault);
  }

  #over(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#context.signal.removeEventListener('abort', this.#onAbort);
  }
}
