// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';

/** What a generation was asked for, as the engine read it. */
export interface GenerationRequest {
  readonly prompt: string;
  readonly n_predict: number;
  readonly seed: number;
  readonly [setting: string]: unknown;
}

type StopType = 'eos' | 'limit' | 'word';

/** One generation of the scripted engine. It writes only what it is told to. */
export class EngineGeneration {
  readonly request: GenerationRequest;
  /** Resolves when the client has gone before the end. */
  readonly aborted: Promise<void>;
  /** Tokens written so far. */
  writtenCount = 0;
  readonly #response: ServerResponse;
  readonly #onFree: () => void;
  readonly #keepsSlot: () => boolean;
  #held = true;
  #over = false;

  constructor(
    request: GenerationRequest,
    response: ServerResponse,
    slot: { readonly free: () => void; readonly keepsAfterAbort: () => boolean },
  ) {
    this.request = request;
    this.#response = response;
    this.#onFree = slot.free;
    this.#keepsSlot = slot.keepsAfterAbort;
    this.aborted = new Promise((resolve) => {
      response.on('close', () => {
        if (!this.#over) resolve();
        this.#over = true;
        if (!this.#keepsSlot()) this.free();
      });
    });
  }

  /** True while it occupies its slot. */
  get busy(): boolean {
    return this.#held;
  }

  /** Writes one event per text in one packet; nothing once the client has gone. */
  write(...texts: readonly string[]): void {
    if (this.#over) return;
    this.#begin();
    const events = texts.map((content) => {
      this.writtenCount += 1;
      return event({
        index: 0,
        content,
        tokens: [this.writtenCount],
        stop: false,
        id_slot: -1,
        tokens_predicted: this.writtenCount,
        tokens_evaluated: this.#evaluated,
      });
    });
    this.#response.write(events.join(''));
  }

  /** Writes the last event and frees the slot. */
  finish(stopType: StopType = 'eos'): void {
    if (this.#over) return;
    this.#begin();
    this.#over = true;
    this.free();
    this.#response.end(
      event({
        index: 0,
        content: '',
        tokens: [],
        id_slot: 0,
        stop: true,
        model: 'scripted',
        tokens_predicted: this.writtenCount,
        tokens_evaluated: this.#evaluated,
        truncated: false,
        stop_type: stopType,
        stopping_word: '',
        tokens_cached: this.writtenCount + this.#evaluated,
        timings: { cache_n: 0, prompt_n: this.#evaluated, predicted_n: this.writtenCount, predicted_ms: 1 },
      }),
    );
  }

  /** Drops the connection in mid-stream, as an engine that dies does. */
  crash(): void {
    this.#over = true;
    this.#response.destroy();
    this.free();
  }

  /** Sends bytes that belong to no protocol. */
  writeGarbage(text: string): void {
    this.#begin();
    this.#response.write(text);
  }

  /** Gives the slot back; idempotent. */
  free(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#onFree();
  }

  get #evaluated(): number {
    return Math.max(1, this.request.prompt.length >> 2);
  }

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
  }
}

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}
