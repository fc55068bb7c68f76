// SPDX-License-Identifier: MIT
import type { FromEngine } from '../engine-protocol.ts';

type TokensMessage = Extract<FromEngine, { readonly type: 'tokens' }>;

/**
 * Collects what the engine says in one turn of the event loop and posts it as one message: one wake-up of the main thread
 * per turn, however many slots produced tokens in it.
 */
export class Outbox {
  readonly #post: (messages: readonly FromEngine[]) => void;
  #messages: FromEngine[] = [];
  readonly #openTokens = new Map<number, TokensMessage>();

  constructor(post: (messages: readonly FromEngine[]) => void) {
    this.#post = post;
  }

  /** Adds text of a run; joins what the run already has in this turn. */
  addTokens(runId: number, text: string, tokenCount: number): void {
    const open = this.#openTokens.get(runId);
    if (open !== undefined) {
      open.texts.push(text);
      open.tokenCount += tokenCount;
      return;
    }
    const message: TokensMessage = { type: 'tokens', runId, texts: [text], tokenCount };
    this.#openTokens.set(runId, message);
    this.add(message);
  }

  /** Adds a message behind everything added before. */
  add(message: FromEngine): void {
    if (this.#messages.length === 0) setImmediate(() => this.flush());
    this.#messages.push(message);
  }

  /** Posts everything at once. */
  flush(): void {
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    this.#openTokens.clear();
    this.#post(messages);
  }
}
