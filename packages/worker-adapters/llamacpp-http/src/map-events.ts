// SPDX-License-Identifier: MIT
import {
  endOfJsonString,
  isObject,
  jsonStringBetween,
  numberAfterKey,
  numberOf,
  parseJson,
  protocolFault,
  SseDecoder,
} from '@llama-orch/adapter-kit';
import type { TokenSink, WorkerEnd } from '@llama-orch/worker-adapter-api';
import { faultOfEngineError } from './map-fault.ts';

/** How a token event begins, up to its text: builds since December 2024, and before. */
const HEAD = '{"index":0,"content":"';
const OLD_HEAD = '{"content":"';
const STOP_KEY = '"stop":';
const PREDICTED_KEY = '"tokens_predicted":';
const EVALUATED_KEY = '"tokens_evaluated":';
const CLOSING_BRACE = 125;
const LETTER_F = 102;
const LETTER_I = 105;

/** Reads one streamed answer of `/completion` and passes its pieces on, once per packet. */
export class CompletionStream {
  readonly #onTokens: TokenSink;
  readonly #decoder: SseDecoder;
  readonly #startedMs = performance.now();
  #pieces: string[] = [];
  #eventCount = 0;
  #lastEvent = '';
  #reportedTokens = 0;
  #final: Readonly<Record<string, unknown>> | undefined;

  constructor(onTokens: TokenSink) {
    this.#onTokens = onTokens;
    this.#decoder = new SseDecoder({
      onEvent: (data) => this.#onData(data),
      // ORCH-4330: builds before September 2025 wrote a fault as a field of its own.
      onUnknownField: (name, value) => {
        if (name === 'error') throw faultOfErrorText(value);
      },
    });
  }

  /** True once the engine has begun to work on the request. */
  get hasStarted(): boolean {
    return this.#lastEvent !== '' || this.#final !== undefined;
  }

  /**
   * Reads one packet; true when it held an event.
   *
   * @throws OrchError, after the pieces before the fault were passed on.
   */
  push(chunk: Uint8Array): boolean {
    this.#eventCount = 0;
    try {
      this.#decoder.push(chunk);
    } finally {
      this.#flush();
    }
    return this.#eventCount > 0;
  }

  /**
   * How it ended.
   *
   * @throws OrchError WORKER_RESET when the last event never came.
   */
  end(): WorkerEnd {
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
      tokensIn: numberAfterKey(this.#lastEvent, EVALUATED_KEY) ?? 0,
      tokensOut: this.#reportedTokens,
      decodeTimeMs: performance.now() - this.#startedMs,
      prefixReuse: false,
    };
  }

  #onData(data: string): void {
    this.#eventCount += 1;
    if (this.#final !== undefined) {
      if (data === '[DONE]') return;
      throw protocolFault('unexpected_event');
    }
    const piece = cutPiece(data);
    if (piece === undefined) {
      this.#onParsed(data);
      return;
    }
    this.#lastEvent = data;
    if (piece !== '') this.#pieces.push(piece);
  }

  /** The slow path: the last event, a fault, or a build that writes its keys in another order. */
  #onParsed(data: string): void {
    const event = parseJson(data);
    if (!isObject(event)) throw protocolFault('not_json');
    const { content, error, stop } = event;
    if (isObject(error)) throw faultOfEngineError(error);
    if (typeof content !== 'string' || typeof stop !== 'boolean') throw protocolFault('unexpected_event');
    if (stop) this.#final = event;
    else this.#lastEvent = data;
    if (content !== '') this.#pieces.push(content);
  }

  /** ORCH-4312: one call per packet, counted by the engine's own counter where it tells one. */
  #flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    const counted = numberAfterKey(this.#lastEvent, PREDICTED_KEY) ?? 0;
    const newTokens = Math.max(pieces.length, counted - this.#reportedTokens);
    this.#pieces = [];
    this.#reportedTokens += newTokens;
    this.#onTokens(pieces, newTokens);
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
export function cutPiece(data: string): string | undefined {
  const head = data.charCodeAt(2) === LETTER_I ? HEAD : OLD_HEAD;
  if (!data.startsWith(head) || data.charCodeAt(data.length - 1) !== CLOSING_BRACE) return undefined;
  const end = endOfJsonString(data, head.length);
  const stop = data.indexOf(STOP_KEY, end);
  if (end < 0 || stop < 0 || data.charCodeAt(stop + STOP_KEY.length) !== LETTER_F) return undefined;
  return jsonStringBetween(data, head.length, end);
}

function faultOfErrorText(text: string): Error {
  const error = parseJson(text);
  return isObject(error) ? faultOfEngineError(error) : protocolFault('not_json');
}
