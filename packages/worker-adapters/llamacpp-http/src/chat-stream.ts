// SPDX-License-Identifier: MIT
import { isObject, OpenAiStream, protocolFault, type ChunkSink } from '@llama-orch/adapter-kit';
import type { OrchError, TokenSink, WorkerEnd } from '@llama-orch/worker-adapter-api';
import { faultOfEngineError } from './map-fault.ts';

/** Reads one streamed answer of `/v1/chat/completions`, whose parser tells calls of tools from text. */
export class ChatStream implements ChunkSink {
  readonly #stream: OpenAiStream;

  constructor(sink: TokenSink) {
    this.#stream = new OpenAiStream({ sink, faultOf });
  }

  /** True once the engine has begun to work on the request. */
  get hasStarted(): boolean {
    return this.#stream.hasStarted;
  }

  /** As that of a completion. */
  get eventCount(): number {
    return this.#stream.eventCount;
  }

  /** As that of a completion. */
  push(packet: Buffer, start: number, end: number): void {
    this.#stream.push(packet, start, end);
  }

  /**
   * How it ended.
   *
   * @throws OrchError WORKER_RESET when the last event never came.
   */
  conclude(): WorkerEnd {
    const { finishReason, isDone, toolCalls, ...counted } = this.#stream.conclude();
    // ORCH-4313
    if (!isDone || finishReason === undefined) throw protocolFault('stream_without_end');
    const figures = {
      tokensIn: counted.promptTokens ?? 0,
      tokensOut: counted.completionTokens ?? counted.reportedTokens,
      decodeTimeMs: counted.decodeTimeMs,
      prefixReuse: (counted.cachedTokens ?? 0) > 0,
    };
    // A call that the token limit cut is none.
    if (finishReason === 'length') return { finishReason, ...figures };
    if (toolCalls.length === 0) return { finishReason: 'stop', ...figures };
    return { finishReason: 'tool_calls', toolCalls, ...figures };
  }

  /** The end of a run that was aborted, with what was counted until then. */
  canceledEnd(): WorkerEnd {
    const { promptTokens: tokensIn = 0, reportedTokens: tokensOut, decodeTimeMs } = this.#stream.conclude();
    return { finishReason: 'canceled', tokensIn, tokensOut, decodeTimeMs, prefixReuse: false };
  }
}

function faultOf(event: unknown): OrchError {
  const error = isObject(event) ? event['error'] : undefined;
  return isObject(error) ? faultOfEngineError(error) : protocolFault('unexpected_event');
}
