// SPDX-License-Identifier: MIT
import type { FromEngine } from '../engine-protocol.ts';

type TokensMessage = Extract<FromEngine, { readonly type: 'tokens' }>;

/** Text that comes so soon after the run's text before it is a flood; slower text is never held. */
const FLOOD_GAP_MS = 2;
/** A flood leaves at most 60 times a second: as often as a screen shows it. */
const FLOOD_PACE_MS = 16;

/** What is known of a run that speaks. */
interface Voice {
  /** When its last text was added. */
  addedAtMs: number;
  /** When it was last posted. */
  heardAtMs: number;
  /** Its text that waits in the outbox. */
  open: TokensMessage | undefined;
}

/**
 * Collects what the engine says and posts it as one message: at the end of the turn of the event loop, or, where there is
 * nothing but more text of runs that flood, when their pace allows. One wake-up of the main thread takes all that is
 * there, of all slots, in its order.
 */
export class Outbox {
  readonly #post: (messages: readonly FromEngine[]) => void;
  readonly #nowMs: () => number;
  #messages: FromEngine[] = [];
  readonly #voices = new Map<number, Voice>();
  #isDue = false;
  #pace: NodeJS.Timeout | undefined;

  constructor(post: (messages: readonly FromEngine[]) => void, nowMs = () => performance.now()) {
    this.#post = post;
    this.#nowMs = nowMs;
  }

  /** Adds text of a run, or with none its tokens alone; joins what the run has waiting. */
  addTokens(runId: number, text: string, tokenCount: number): void {
    const nowMs = this.#nowMs();
    const voice = this.#voiceOf(runId);
    const isFlood = nowMs - voice.addedAtMs < FLOOD_GAP_MS;
    voice.addedAtMs = nowMs;
    if (voice.open === undefined) {
      voice.open = { type: 'tokens', runId, texts: text === '' ? [] : [text], tokenCount };
      this.#messages.push(voice.open);
    } else {
      if (text !== '') voice.open.texts.push(text);
      voice.open.tokenCount += tokenCount;
    }
    const restMs = FLOOD_PACE_MS - (nowMs - voice.heardAtMs);
    if (isFlood && restMs > 0) this.#pace ??= setTimeout(() => this.flush(), restMs);
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
    for (const message of messages) this.#note(message, this.#nowMs());
    this.#post(messages);
  }

  #note(message: FromEngine, nowMs: number): void {
    if (message.type === 'end' || message.type === 'fault') this.#voices.delete(message.runId);
    if (message.type !== 'tokens') return;
    const voice = this.#voiceOf(message.runId);
    voice.heardAtMs = nowMs;
    voice.open = undefined;
  }

  #voiceOf(runId: number): Voice {
    let voice = this.#voices.get(runId);
    if (voice === undefined) {
      voice = { addedAtMs: -Infinity, heardAtMs: -Infinity, open: undefined };
      this.#voices.set(runId, voice);
    }
    return voice;
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
