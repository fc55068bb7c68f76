// SPDX-License-Identifier: MIT
import { OpenAiStream, protocolFault, type OpenAiAnswer, type OpenAiStreamEnd } from '@llama-orch/adapter-kit';
import {
  OrchError,
  type FinishReason,
  type TokenSink,
  type WorkerEnd,
  type WorkerInput,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';
import { faultInStream } from './map-fault.ts';

/** Bytes of text a token stands for on average, where nobody counted. */
const BYTES_PER_TOKEN = 4;

/** Servers' words that are not ours; what they say beyond these ends like `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = { length: 'length', tool_calls: 'tool_calls' };

/** Reads one streamed answer. */
export function createStream(sink: TokenSink): OpenAiStream {
  return new OpenAiStream({ sink, faultOf: faultInStream });
}

/**
 * How a generation ended.
 *
 * @throws OrchError WORKER_RESET when the stream was cut, INVALID_PARAMS when the server's filter ended it.
 */
export function toWorkerEnd(end: OpenAiStreamEnd, { input, maxTokens }: WorkerRequest): WorkerEnd {
  const { finishReason, isDone, toolCalls, cachedTokens = 0 } = end;
  // ORCH-4560: one sign of the end is enough, for servers leave out the one or the other.
  if (finishReason === undefined && !isDone) throw protocolFault('stream_without_end');
  if (finishReason === 'content_filter') throw filtered();
  const counts = countsOf(end, input);
  const ended = { ...counts, decodeTimeMs: end.decodeTimeMs, prefixReuse: cachedTokens > 0 };
  if (toolCalls.length > 0) return { ...ended, finishReason: 'tool_calls', toolCalls };
  const unsaid = counts.tokensOut >= maxTokens ? 'length' : 'stop';
  return { ...ended, finishReason: finishReason === undefined ? unsaid : (FINISH_REASONS[finishReason] ?? 'stop') };
}

/** The end of a run that was canceled, with what was counted until then. */
export function toCanceledEnd(end: OpenAiStreamEnd, input: WorkerInput): WorkerEnd {
  const { hasStarted, decodeTimeMs } = end;
  const counts = hasStarted ? countsOf(end, input) : { tokensIn: 0, tokensOut: 0 };
  return { ...counts, finishReason: 'canceled', decodeTimeMs, prefixReuse: false };
}

/** The end of a call that writes nothing. */
export function toAnswerEnd({ promptTokens, ...answer }: OpenAiAnswer, input: WorkerInput): WorkerEnd {
  return {
    ...answer,
    finishReason: 'stop',
    tokensIn: promptTokens ?? estimateTokens(input),
    tokensOut: 0,
    ...(promptTokens === undefined ? { countsEstimated: true } : {}),
    decodeTimeMs: 0,
    prefixReuse: false,
  };
}

/** ORCH-4561: what the server did not count is counted here, and marked. */
function countsOf(
  { promptTokens, completionTokens, reportedTokens }: OpenAiStreamEnd,
  input: WorkerInput,
): Pick<WorkerEnd, 'tokensIn' | 'tokensOut' | 'countsEstimated'> {
  // A server that sends more pieces than tokens was counted too high while it wrote.
  const isEstimate = promptTokens === undefined || completionTokens === undefined || completionTokens < reportedTokens;
  return {
    tokensIn: promptTokens ?? estimateTokens(input),
    tokensOut: Math.max(completionTokens ?? 0, reportedTokens),
    ...(isEstimate ? { countsEstimated: true } : {}),
  };
}

function estimateTokens(input: WorkerInput): number {
  const bytes = textsOf(input).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function textsOf(input: WorkerInput): readonly string[] {
  switch (input.workload) {
    case 'completion':
      return [input.prompt];
    case 'chat':
      return input.messages.map(({ content }) => content);
    case 'embedding':
      return input.inputs;
    case 'rerank':
      return [input.query, ...input.documents];
  }
}

function filtered(): OrchError {
  const message = "The server's content filter ended the generation.";
  return new OrchError('INVALID_PARAMS', { message, details: { reason: 'content_filter' } });
}
