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
import { OrchError, type TokenSink, type WorkerEnd, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { faultOfError } from './map-fault.ts';
import type { ModelInfo } from './map-props.ts';
import { createCumulativeDeltas, plainDeltas, type TextDeltas } from './text-deltas.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Bytes a token stands for on average, where nobody counts. */
const BYTES_PER_TOKEN = 4;
/** What the vLLM backend says while the generation goes on. */
const NOT_FINISHED = 'None';

/** Reads the answers of one generation and passes its pieces on, once per packet. */
export class GenerationStream extends SseDecoder implements ChunkSink {
  readonly #sink: TokenSink;
  readonly #request: WorkerRequest;
  readonly #cutter: StopCutter;
  readonly #startedMs = performance.now();
  #deltas: TextDeltas = plainDeltas;
  #givesReason = false;
  #pieces: string[] = [];
  #pendingTokens = 0;
  #tokensOut = 0;
  #tokensIn: number | undefined;
  #isCounted = false;
  #finishReason: string | undefined;
  #answerCount = 0;

  constructor(request: WorkerRequest, sink: TokenSink) {
    super();
    this.#request = request;
    this.#sink = sink;
    this.#cutter = new StopCutter(request.sampling.stop);
  }

  /** Says how the model answers; before the first packet. */
  expect({ isCumulative, inputs, outputs }: ModelInfo): void {
    if (isCumulative) this.#deltas = createCumulativeDeltas();
    this.#givesReason = inputs.has('return_finish_reason') && outputs.has('finish_reason');
  }

  /** True once the engine has begun to answer. */
  get hasStarted(): boolean {
    return this.#answerCount > 0;
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

  /** Reads the one answer of `infer`; `prompt` is cut off its front where the model cannot leave it out. */
  pushWhole(outputs: Fields, echoedPrompt: string): void {
    const text = outputs['text_output'];
    if (typeof text !== 'string') throw protocolFault('unexpected_event');
    const answer = text.startsWith(echoedPrompt) ? text.slice(echoedPrompt.length) : text;
    const counted = numberOf(outputs['num_output_tokens']);
    this.#onFields({ ...outputs, text_output: answer }, counted ?? estimateTokens(answer));
    this.#flush();
  }

  /**
   * How it ended; the last held-back text is passed on.
   *
   * @throws OrchError WORKER_RESET when it never began, or never told why it ended though the model does;
   *   DECODE_TIMEOUT when the model says so.
   */
  conclude(): WorkerEnd {
    // ORCH-4672: nothing marks the last event, so only what must have come can be missed.
    if (this.#answerCount === 0 || (this.#givesReason && this.#finishReason === undefined)) {
      throw protocolFault('stream_without_end');
    }
    this.#addText(this.#deltas.end());
    const held = this.#cutter.end();
    this.#addPiece(held.slice(0, Math.max(0, held.length - this.#deltas.takenBackChars)));
    this.#flush();
    return { ...this.#facts(), finishReason: this.#cutter.hasCut ? 'stop' : this.#reason() };
  }

  /** The end of a run that was aborted, with what was counted until then. */
  canceledEnd(): WorkerEnd {
    return { ...this.#facts(), finishReason: 'canceled' };
  }

  #facts(): Omit<WorkerEnd, 'finishReason'> {
    const { input } = this.#request;
    const estimate = input.workload === 'completion' ? estimateTokens(input.prompt) : 0;
    return {
      tokensIn: this.#tokensIn ?? (this.#answerCount === 0 ? 0 : estimate),
      tokensOut: this.#tokensOut,
      decodeTimeMs: performance.now() - this.#startedMs,
      prefixReuse: false,
      // ORCH-4674: only the vLLM backend counts.
      ...(this.#isCounted && this.#tokensIn !== undefined ? {} : { countsEstimated: true }),
    };
  }

  #reason(): 'stop' | 'length' {
    switch (this.#finishReason) {
      case 'length':
        return 'length';
      case 'timeout':
        throw new OrchError('DECODE_TIMEOUT', { details: { reason: 'engine_timeout' } });
      case 'cancelled':
        throw new OrchError('WORKER_RESET', { details: { reason: 'engine_canceled' } });
      case undefined:
        // ORCH-4673: a model that does not tell is believed to have been cut when it wrote as much as it may.
        return this.#tokensOut >= this.#request.maxTokens ? 'length' : 'stop';
      default:
        return 'stop';
    }
  }

  protected onEvent({ text }: SseEvent): void {
    const event = parseJson(text);
    if (!isObject(event)) throw protocolFault('not_json');
    if (typeof event['error'] === 'string') throw faultOfError(event['error']);
    this.#onFields(event, numberOf(event['num_output_tokens']) ?? 1);
  }

  #onFields(event: Fields, tokenCount: number): void {
    const { text_output: text, finish_reason: reason } = event;
    if (typeof text !== 'string') throw protocolFault('unexpected_event');
    this.#answerCount += 1;
    this.#isCounted = numberOf(event['num_output_tokens']) !== undefined;
    this.#tokensIn = numberOf(event['num_input_tokens']) ?? this.#tokensIn;
    if (typeof reason === 'string' && reason !== NOT_FINISHED) this.#finishReason = reason;
    const newTokens = Math.max(0, Math.min(tokenCount, this.#request.maxTokens - this.#tokensOut));
    this.#tokensOut += newTokens;
    this.#pendingTokens += newTokens;
    this.#addText(this.#deltas.push(text));
  }

  #addText(text: string): void {
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

/** The outputs in the answer of `infer`, by name; of each its first element. */
export function parseOutputs(answer: unknown): Fields {
  const outputs = isObject(answer) ? answer['outputs'] : undefined;
  if (!Array.isArray(outputs)) throw protocolFault('not_json', { path: 'infer' });
  return Object.fromEntries(
    outputs.filter(isObject).map(({ name, data }) => [String(name), Array.isArray(data) ? (data[0] as unknown) : data]),
  );
}

function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
