// SPDX-License-Identifier: MIT
import type { FromEngine } from '../engine-protocol.ts';

type TokensMessage = Extract<FromEngine, { readonly type: 'tokens' }>;

/** A run whose text left less than this ago waits with its next text: at most 250 messages a second, however fast it is. */
const PACE_MS = 4;

/**
 * Collects what the engine says and posts it as one message: at the end of the turn of the event loop, or, where there is
 * nothing but more text of runs that have just been heard, when their pace allows. One wake-up of the main thread takes
 * all that is there, of all slots, in its order.
 */
export class Outbox {
  readonly #post: (messages: readonly FromEngine[]) => void;
  readonly #paceMs: number;
  #messages: FromEngine[] = [];
  readonly #openTokens = new Map<number, TokensMessage>();
  readonly #heardAtMs = new Map<number, number>();
  #isDue = false;
  #pace: NodeJS.Timeout | undefined;

  constructor(post: (messages: readonly FromEngine[]) => void, paceMs = PACE_MS) {
    this.#post = post;
    this.#paceMs = paceMs;
  }

  /** Adds text of a run; joins what the run has waiting. */
  addTokens(runId: number, text: string, tokenCount: number): void {
    const open = this.#openTokens.get(runId);
    if (open !== undefined) {
      open.texts.push(text);
      open.tokenCount += tokenCount;
      return;
    }
    const message: TokensMessage = { type: 'tokens', runId, texts: [text], tokenCount };
    this.#openTokens.set(runId, message);
    this.#messages.push(message);
    const restMs = this.#paceMs - (performance.now() - (this.#heardAtMs.get(runId) ?? -Infinity));
    if (restMs > 0) this.#pace ??= setTimeout(() => this.flush(), restMs);
    else this.#flushSoon();
  }

  /** Adds a message behind everything added before. */
  add(message: FromEngine): void {
    this.#messages.push(message);
    this.#flushSoon();
  }

  /** Posts everything at once. */
  flush(): void {
    clearTimeout(this.#pace);
    this.#pace = undefined;
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    const nowMs = performance.now();
    for (const message of messages) {
      if (message.type === 'tokens') this.#heardAtMs.set(message.runId, nowMs);
      if (message.type === 'end' || message.type === 'fault') this.#heardAtMs.delete(message.runId);
    }
    this.#openTokens.clear();
    this.#post(messages);
  }

  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.flush();
    });
  }
}
