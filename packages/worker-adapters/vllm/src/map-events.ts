// SPDX-License-Identifier: MIT
import { OpenAiStream, protocolFault, type OpenAiAnswer, type OpenAiStreamEnd } from '@llama-orch/adapter-kit';
import { OrchError, type FinishReason, type TokenSink, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { faultInStream } from './map-fault.ts';

/** The engine's words that are not ours; what it says beyond these ends like `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = { length: 'length', tool_calls: 'tool_calls' };

/** Reads one streamed answer. */
export function createStream(sink: TokenSink): OpenAiStream {
  return new OpenAiStream({ sink, faultOf: faultInStream });
}

/**
 * How a generation ended.
 *
 * @throws OrchError WORKER_RESET when its finish chunk never came, or the engine gave it up.
 */
export function toWorkerEnd(end: OpenAiStreamEnd): WorkerEnd {
  const { finishReason, toolCalls, cachedTokens = 0 } = end;
  // ORCH-4512: `[DONE]` follows an error as well, so it proves nothing.
  if (finishReason === undefined) throw protocolFault('stream_without_end');
  if (finishReason === 'abort') throw aborted();
  const counts = countsOf(end);
  const ended = { ...counts, decodeTimeMs: end.decodeTimeMs, prefixReuse: cachedTokens > 0 };
  if (toolCalls.length > 0) return { ...ended, finishReason: 'tool_calls', toolCalls };
  return { ...ended, finishReason: FINISH_REASONS[finishReason] ?? 'stop' };
}

/** The end of a run that was canceled, with what was counted until then. */
export function toCanceledEnd(end: OpenAiStreamEnd): WorkerEnd {
  return { ...countsOf(end), finishReason: 'canceled', decodeTimeMs: end.decodeTimeMs, prefixReuse: false };
}

/** The end of a call that writes nothing. */
export function toAnswerEnd({ promptTokens, ...answer }: OpenAiAnswer): WorkerEnd {
  return {
    ...answer,
    finishReason: 'stop',
    tokensIn: promptTokens ?? 0,
    tokensOut: 0,
    decodeTimeMs: 0,
    prefixReuse: false,
  };
}

function countsOf({
  promptTokens,
  completionTokens,
  reportedTokens,
}: OpenAiStreamEnd): Pick<WorkerEnd, 'tokensIn' | 'tokensOut'> {
  return { tokensIn: promptTokens ?? 0, tokensOut: Math.max(completionTokens ?? 0, reportedTokens) };
}

function aborted(): OrchError {
  const message = 'The engine gave the generation up.';
  return new OrchError('WORKER_RESET', { message, details: { reason: 'engine_aborted' } });
}
