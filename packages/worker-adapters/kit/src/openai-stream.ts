// SPDX-License-Identifier: MIT
import type { OrchError, TokenSink, ToolCallText } from '@llama-orch/worker-adapter-api';
import type { ChunkSink } from './http-exchange.ts';
import { hasPrefix, numberAfterKey, type ByteRange } from './json-cut.ts';
import { isObject, parseJson } from './json.ts';
import { protocolFault } from './map-http-fault.ts';
import { PieceCutter } from './openai-piece-cutter.ts';
import { ToolCallParts } from './openai-tool-calls.ts';
import { SseDecoder, type SseEvent } from './sse-decoder.ts';

/** What an {@link OpenAiStream} needs to know of one engine. */
export interface OpenAiStreamOptions {
  readonly sink: TokenSink;
  /** The fault an engine tells inside its stream: a chunk with an `error`, or an event of type `error`. */
  readonly faultOf: (event: unknown) => OrchError;
}

/** Tokens as the engine counted them; undefined where it did not say. */
export interface OpenAiUsage {
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  readonly cachedTokens: number | undefined;
}

/** What was read by the end of a stream. */
export interface OpenAiStreamEnd extends OpenAiUsage {
  /** The engine's own word; undefined when it gave none. */
  readonly finishReason: string | undefined;
  /** Whether `[DONE]` came. */
  readonly isDone: boolean;
  /** Whether anything came. */
  readonly hasStarted: boolean;
  /** Tokens passed to `onTokens`. */
  readonly reportedTokens: number;
  /** Milliseconds from the start to the last token. */
  readonly decodeTimeMs: number;
  readonly toolCalls: readonly ToolCallText[];
}

const COMPLETION_TOKENS = Buffer.from('"completion_tokens":');
const PROMPT_TOKENS = Buffer.from('"prompt_tokens":');
const DONE = Buffer.from('[DONE]');

/**
 * Reads one streamed answer in OpenAI's shape, chat or text, and passes its pieces on, once per packet. What the variants
 * of this shape differ in is tolerated here; what it means is the adapter's to say.
 */
export class OpenAiStream extends SseDecoder implements ChunkSink {
  // What a token touches stands first and together.
  readonly #sink: TokenSink;
  readonly #cutter = new PieceCutter();
  /** The pieces of this packet; most packets hold one, and a list that grows would take room for many. */
  #pieces: string[] | undefined;
  /** Chunks of this packet that stand for tokens without text: thoughts and calls of tools. */
  #silentCount = 0;
  #reportedTokens = 0;
  #usage: OpenAiUsage = { promptTokens: undefined, completionTokens: undefined, cachedTokens: undefined };
  #finishReason: string | undefined;
  #isDone = false;
  readonly #startedMs = performance.now();
  #lastTokenMs = this.#startedMs;
  readonly #toolCalls = new ToolCallParts();
  readonly #faultOf: (event: unknown) => OrchError;

  constructor({ sink, faultOf }: OpenAiStreamOptions) {
    super();
    this.#sink = sink;
    this.#faultOf = faultOf;
  }

  /** True once the engine has begun to answer. */
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

  /** What was read until now. */
  conclude(): OpenAiStreamEnd {
    return {
      ...this.#usage,
      finishReason: this.#finishReason,
      isDone: this.#isDone,
      hasStarted: this.hasStarted,
      reportedTokens: this.#reportedTokens,
      decodeTimeMs: this.#lastTokenMs - this.#startedMs,
      toolCalls: this.#toolCalls.all(),
    };
  }

  protected onEvent(event: SseEvent): void {
    if (isDoneMark(event)) {
      this.#isDone = true;
      return;
    }
    if (event.type === 'error') throw this.#faultOf(parseJson(event.text) ?? event.text);
    if (this.#isDone) throw protocolFault('unexpected_event');
    const piece = this.#finishReason === undefined ? this.#cutter.cut(event) : undefined;
    if (piece === undefined) {
      this.#onParsed(event);
      return;
    }
    if (this.#cutter.hasUsage) this.#readCutUsage(event);
    this.#addPiece(piece);
  }

  /** The slow path: the first chunks, the last ones, and those of another kind. */
  #onParsed(event: SseEvent): void {
    const chunk = parseJson(event.text);
    if (!isObject(chunk)) throw protocolFault('not_json');
    if (isFault(chunk)) throw this.#faultOf(chunk);
    const { choices, usage } = chunk;
    if (isObject(usage)) this.#usage = usageOf(usage);
    if (!Array.isArray(choices) && !isObject(usage)) throw protocolFault('unexpected_event');
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    if (!isObject(choice)) return;
    const { delta, text, finish_reason: finishReason } = choice;
    const piece = this.#readDelta(isObject(delta) ? delta : { content: text });
    // Some engines write "" where others write null.
    if (typeof finishReason === 'string' && finishReason !== '') this.#finishReason = finishReason;
    else if (piece !== '') this.#cutter.learn(event, piece);
  }

  #readDelta({ content, refusal, tool_calls: toolCalls, reasoning, reasoning_content }: ChunkDelta): string {
    const piece = typeof content === 'string' && content !== '' ? content : typeof refusal === 'string' ? refusal : '';
    const hasCalls = Array.isArray(toolCalls) && toolCalls.length > 0;
    if (piece !== '' && this.#finishReason !== undefined) throw protocolFault('unexpected_event');
    if (piece !== '') this.#addPiece(piece);
    else if (hasCalls || isText(reasoning) || isText(reasoning_content)) this.#silentCount += 1;
    if (hasCalls) this.#toolCalls.add(toolCalls);
    return piece;
  }

  /** One call per packet, counted by the engine's own counter where it tells one. */
  #flush(): void {
    const pieces = this.#pieces ?? [];
    const chunkCount = pieces.length + this.#silentCount;
    if (chunkCount === 0) return;
    const newTokens = Math.max(chunkCount, (this.#usage.completionTokens ?? 0) - this.#reportedTokens);
    this.#pieces = undefined;
    this.#silentCount = 0;
    this.#reportedTokens += newTokens;
    this.#lastTokenMs = performance.now();
    this.#sink.onTokens(pieces, newTokens);
  }

  #addPiece(piece: string): void {
    if (this.#pieces === undefined) this.#pieces = [piece];
    else this.#pieces.push(piece);
  }

  #readCutUsage(chunk: ByteRange): void {
    const completionTokens = numberAfterKey(chunk, COMPLETION_TOKENS);
    const promptTokens = numberAfterKey(chunk, PROMPT_TOKENS);
    const before = this.#usage.completionTokens ?? 0;
    if (completionTokens === undefined || completionTokens < before) return;
    this.#usage = { ...this.#usage, completionTokens, promptTokens: promptTokens ?? this.#usage.promptTokens };
  }
}

/** The members of a chunk's `delta` that count. */
interface ChunkDelta {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: unknown;
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
}

function isDoneMark({ bytes, start, end }: ByteRange): boolean {
  return end - start === DONE.length && hasPrefix(bytes, start, DONE);
}

/** An error object, an error text, or the flat form of older engines. */
function isFault(event: Readonly<Record<string, unknown>>): boolean {
  const { error, object } = event;
  return (error !== undefined && error !== null && error !== false && error !== '') || object === 'error';
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Reads a `usage` object. */
export function usageOf(usage: Readonly<Record<string, unknown>>): OpenAiUsage {
  const { prompt_tokens_details: details } = usage;
  return {
    promptTokens: tokensOf(usage['prompt_tokens']),
    completionTokens: tokensOf(usage['completion_tokens']),
    cachedTokens: isObject(details) ? tokensOf(details['cached_tokens']) : undefined,
  };
}

function tokensOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
