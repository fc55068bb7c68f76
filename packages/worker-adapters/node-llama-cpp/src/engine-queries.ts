// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';

/** Questions to the engine thread that wait for their answer. */
export class EngineQueries {
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  /**
   * Asks by `post` and resolves with the answer.
   *
   * @throws OrchError DECODE_TIMEOUT when the signal aborts first, else what the question was failed with.
   */
  async ask<T>(post: (queryId: number) => void, signal: AbortSignal): Promise<T> {
    const queryId = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    const giveUp = (): void =>
      answer.reject(new OrchError('DECODE_TIMEOUT', { message: 'The engine does not answer.' }));
    this.#open.set(queryId, answer);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    else post(queryId);
    try {
      return (await answer.promise) as T;
    } finally {
      signal.removeEventListener('abort', giveUp);
      this.#open.delete(queryId);
    }
  }

  /** The answer to a question; one that nobody waits for any more is dropped. */
  answer(queryId: number, answer: unknown): void {
    this.#open.get(queryId)?.resolve(answer);
  }

  /** The question cannot be answered. */
  fail(queryId: number, error: OrchError): void {
    this.#open.get(queryId)?.reject(error);
  }

  /** No question will be answered any more. */
  failAll(error: OrchError): void {
    for (const { reject } of this.#open.values()) reject(error);
  }
}
