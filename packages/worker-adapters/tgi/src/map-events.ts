// SPDX-License-Identifier: MIT
import {
  isObject,
  numberOf,
  parseJson,
  protocolFault,
  SseDecoder,
  StopCutter,
  type ChunkSink,
  type SseEvent,
} from '@llama-orch/adapter-kit';
import type { TokenSink, WorkerEnd, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { faultOfError } from './map-fault.ts';

type Fields = Readonly<Record<string, unknown>>;

const FINISH_REASONS: Readonly<Record<string, 'stop' | 'length'>> = {
  eos_token: 'stop',
  stop_sequence: 'stop',
  length: 'length',
};

/** Reads one streamed answer of `/generate_stream` and passes its pieces on, once per packet. */
export class GenerationStream extends SseDecoder implements ChunkSink {
  readonly #sink: TokenSink;
  readonly #cutter: StopCutter;
  readonly #startedMs = performance.now();
  #pieces: string[] = [];
  /** Tokens that no piece has been sent for. */
  #pendingTokens = 0;
  #tokenCount = 0;
  #streamedText = '';
  #details: Fields | undefined;

  constructor({ sampling }: WorkerRequest, sink: TokenSink) {
    super();
    this.#sink = sink;
    this.#cutter = new StopCutter(sampling.stop);
  }

  /** True once the engine has begun to work on the request. */
  get hasStarted(): boolean {
    return this.#tokenCount > 0;
  }

  /**
   * Reads one packet.
   *
   * @throws OrchError, after the pieces before the fault were passed on.
   */
  push(packet: Buffer, start = 0, end = packet.length): void {
    try {
      this.decode(packet, start, end);
    } finally {
      this.#flush();
    }
  }

  /**
   * How it ended.
   *
   * @throws OrchError WORKER_RESET when the last event never came.
   */
  conclude(): WorkerEnd {
    const details = this.#details;
    // ORCH-4621: there is no [DONE]; the event with the whole text is the last.
    if (details === undefined) throw protocolFault('stream_without_end');
    const finishReason = FINISH_REASONS[String(details['finish_reason'])];
    if (finishReason === undefined) throw protocolFault('unexpected_event');
    return {
      ...this.#facts(),
      finishReason: this.#cutter.hasCut ? 'stop' : finishReason,
      tokensIn: numberOf(details['input_length']) ?? 0,
      tokensOut: numberOf(details['generated_tokens']) ?? this.#tokenCount,
    };
  }

  /** The end of a run that was aborted, with what was counted until then. */
  canceledEnd(): WorkerEnd {
    return { ...this.#facts(), finishReason: 'canceled' };
  }

  #facts(): Omit<WorkerEnd, 'finishReason'> {
    const decodeTimeMs = performance.now() - this.#startedMs;
    return { tokensIn: 0, tokensOut: this.#tokenCount, decodeTimeMs, prefixReuse: false };
  }

  protected onEvent({ text }: SseEvent): void {
    const event = parseJson(text);
    if (!isObject(event)) throw protocolFault('not_json');
    if (event['error'] !== undefined) throw faultOfError(event);
    const { token, generated_text: wholeText, details } = event;
    if (this.#details !== undefined || !isObject(token)) throw protocolFault('unexpected_event');
    this.#onToken(token);
    if (typeof wholeText === 'string') this.#onLast(wholeText, details);
  }

  #onToken({ text, special }: Fields): void {
    if (typeof text !== 'string') throw protocolFault('unexpected_event');
    this.#tokenCount += 1;
    this.#pendingTokens += 1;
    // ORCH-4620: the end-of-text token is an event like any other, but no text.
    if (special !== true) this.#onText(text);
  }

  #onLast(wholeText: string, details: unknown): void {
    // ORCH-4623: details were asked for; without them nobody knows how it ended.
    if (!isObject(details)) throw protocolFault('unexpected_event');
    this.#details = details;
    const streamed = this.#streamedText;
    if (wholeText.length > streamed.length && wholeText.startsWith(streamed)) {
      this.#onText(wholeText.slice(streamed.length));
    }
    this.#addPiece(this.#cutter.end());
  }

  #onText(text: string): void {
    this.#streamedText += text;
    this.#addPiece(this.#cutter.push(text));
  }

  #addPiece(piece: string): void {
    if (piece !== '') this.#pieces.push(piece);
  }

  #flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    const tokenCount = this.#pendingTokens;
    this.#pieces = [];
    this.#pendingTokens = 0;
    this.#sink.onTokens(pieces, tokenCount);
  }
}
