// SPDX-License-Identifier: MIT
import type { WorkerEnd, WorkerRequest, TokenSink } from '@llama-orch/worker-adapter-api';
import type { Clock } from '../ports.ts';
import type { SeededRandom } from '../testkit/index.ts';
import { ManualAdapter, TEST_PROPS } from './manual-adapter.ts';

/** An engine in virtual time: a few tokens, a little apart, and an abort that takes its time. */
export class TimedAdapter extends ManualAdapter {
  /** Jobs that hold a slot, each with what tells it to stop, and those that ever did. */
  readonly live = new Map<string, AbortSignal>();
  readonly begun = new Set<string>();
  /** Rules of the port that core broke. */
  readonly breaches: string[] = [];
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #slots: number;

  constructor(clock: Clock, random: SeededRandom, slots: number) {
    super({ state: 'ready', props: { ...TEST_PROPS, slots } });
    this.#clock = clock;
    this.#random = random;
    this.#slots = slots;
  }

  override async run({ jobId }: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd> {
    if (this.begun.has(jobId)) this.breaches.push(`${jobId} ran twice`);
    if (signal.aborted) this.breaches.push(`${jobId} began although it was canceled`);
    this.begun.add(jobId);
    this.live.set(jobId, signal);
    if (this.live.size > this.#slots) this.breaches.push('more jobs than slots');
    const tokensOut = 1 + this.#random.below(3);
    for (let index = 0; index < tokensOut && !signal.aborted; index += 1) {
      await this.#pause(signal);
      if (!signal.aborted) sink.onTokens([`${jobId}:${index} `], 1);
    }
    // The slot is free a little after the last token, and after an abort.
    await this.#pause();
    this.live.delete(jobId);
    const finishReason = signal.aborted ? 'canceled' : 'stop';
    return { finishReason, tokensIn: 1, tokensOut, decodeTimeMs: 1, prefixReuse: false };
  }

  async #pause(signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    signal?.addEventListener('abort', wake, { once: true });
    this.#clock.setTimer(this.#random.ratio() * 3, wake);
    await promise;
    signal?.removeEventListener('abort', wake);
  }
}
