// SPDX-License-Identifier: MIT
import {
  endOfJsonString,
  hasPrefix,
  indexOfKey,
  isObject,
  jsonStringBetween,
  numberAfterKey,
  numberOf,
  parseJson,
  protocolFault,
  SseDecoder,
  type ByteRange,
  type ChunkSink,
  type SseEvent,
} from '@llama-orch/adapter-kit';
import type { TokenSink, WorkerEnd } from '@llama-orch/worker-adapter-api';
import { faultOfEngineError } from './map-fault.ts';

/** How a token event begins, up to its text: builds since December 2024, and before. */
const HEAD = Buffer.from('{"index":0,"content":"');
const OLD_HEAD = Buffer.from('{"content":"');
const STOP_KEY = Buffer.from('"stop":');
const PREDICTED_KEY = Buffer.from('"tokens_predicted":');
const EVALUATED_KEY = Buffer.from('"tokens_evaluated":');
const CLOSING_BRACE = 125;
const LETTER_F = 102;
const LETTER_I = 105;

/** Reads one streamed answer of `/completion` and passes its pieces on, once per packet. */
export class CompletionStream extends SseDecoder implements ChunkSink {
  // What a token touches stands first and together.
  readonly #sink: TokenSink;
  /** The pieces of this packet; most packets hold one, and a list that grows would take room for many. */
  #pieces: string[] | undefined;
  /** As the last event counts them. */
  #predictedTokens = 0;
  #reportedTokens = 0;
  #final: Readonly<Record<string, unknown>> | undefined;
  /** As the events up to the first piece count them. */
  #evaluatedTokens = 0;
  readonly #startedMs = performance.now();

  constructor(sink: TokenSink) {
    super();
    this.#sink = sink;
  }

  /** True once the engine has begun to work on the request. */
  get hasStarted(): boolean {
    return this.eventCount > 0;
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
    const final = this.#final;
    // ORCH-4313: without its last event a stream was cut, however cleanly the connection ended.
    if (final === undefined) throw protocolFault('stream_without_end');
    const timings = isObject(final['timings']) ? final['timings'] : {};
    const tokensIn = numberOf(final['tokens_evaluated']) ?? 0;
    const cachedTokens = numberOf(timings['cache_n']) ?? tokensIn - (numberOf(timings['prompt_n']) ?? tokensIn);
    return {
      finishReason: final['stop_type'] === 'limit' || final['stopped_limit'] === true ? 'length' : 'stop',
      tokensIn,
      tokensOut: numberOf(final['tokens_predicted']) ?? this.#reportedTokens,
      decodeTimeMs: this.#decodeTimeMs(timings),
      prefixReuse: cachedTokens > 0,
    };
  }

  /** The end of a run that was aborted, with what was counted until then. */
  canceledEnd(): WorkerEnd {
    return {
      finishReason: 'canceled',
      tokensIn: this.#evaluatedTokens,
      tokensOut: this.#reportedTokens,
      decodeTimeMs: performance.now() - this.#startedMs,
      prefixReuse: false,
    };
  }

  protected onEvent(event: SseEvent): void {
    if (this.#final !== undefined) {
      if (event.text === '[DONE]') return;
      throw protocolFault('unexpected_event');
    }
    const piece = cutPiece(event);
    if (piece === undefined) {
      this.#onParsed(event);
      return;
    }
    this.#count(event);
    this.#addPiece(piece);
  }

  protected override onUnknownField(name: string, value: string): void {
    // ORCH-4330: builds before September 2025 wrote a fault as a field of its own.
    if (name === 'error') throw faultOfErrorText(value);
  }

  /** The slow path: the last event, a fault, or a build that writes its keys in another order. */
  #onParsed(event: SseEvent): void {
    const parsed = parseJson(event.text);
    if (!isObject(parsed)) throw protocolFault('not_json');
    const { content, error, stop } = parsed;
    if (isObject(error)) throw faultOfEngineError(error);
    if (typeof content !== 'string' || typeof stop !== 'boolean') throw protocolFault('unexpected_event');
    if (stop) this.#final = parsed;
    else this.#count(event);
    this.#addPiece(content);
  }

  #count(event: ByteRange): void {
    this.#predictedTokens = numberAfterKey(event, PREDICTED_KEY) ?? 0;
    if (this.#reportedTokens === 0) this.#evaluatedTokens = numberAfterKey(event, EVALUATED_KEY) ?? 0;
  }

  #addPiece(piece: string): void {
    if (piece === '') return;
    if (this.#pieces === undefined) this.#pieces = [piece];
    else this.#pieces.push(piece);
  }

  /** ORCH-4312: one call per packet, counted by the engine's own counter where it tells one. */
  #flush(): void {
    const pieces = this.#pieces;
    if (pieces === undefined) return;
    const newTokens = Math.max(pieces.length, this.#predictedTokens - this.#reportedTokens);
    this.#pieces = undefined;
    this.#reportedTokens += newTokens;
    this.#sink.onTokens(pieces, newTokens);
  }

  #decodeTimeMs(timings: Readonly<Record<string, unknown>>): number {
    const promptMs = numberOf(timings['prompt_ms']);
    const predictedMs = numberOf(timings['predicted_ms']);
    if (promptMs === undefined || predictedMs === undefined) return performance.now() - this.#startedMs;
    return promptMs + predictedMs;
  }
}

/**
 * ORCH-4311: the text of a token event, cut out of the JSON without parsing the rest. Undefined when the event is of
 * another kind or broken.
 */
export function cutPiece(event: ByteRange): string | undefined {
  const { bytes, start, end } = event;
  const head = bytes[start + 2] === LETTER_I ? HEAD : OLD_HEAD;
  if (!hasPrefix(bytes, start, head) || bytes[end - 1] !== CLOSING_BRACE) return undefined;
  const textStart = start + head.length;
  const textEnd = endOfJsonString(event, textStart);
  const stop = textEnd < 0 ? -1 : indexOfKey(event, STOP_KEY, textEnd);
  if (stop < 0 || bytes[stop + STOP_KEY.length] !== LETTER_F) return undefined;
  return jsonStringBetween(bytes, textStart, textEnd);
}

function faultOfErrorText(text: string): Error {
  const error = parseJson(text);
  return isObject(error) ? faultOfEngineError(error) : protocolFault('not_json');
}
