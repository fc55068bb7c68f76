// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { StreamChunk } from '@llama-orch/orchestrator-core';
import { toWireError, toWireReceipt } from './to-wire.ts';
import { roundMs } from './round-ms.ts';

/** What begins the event ids of a job: the first 8 hex digits of its id. */
export function eventTag(jobId: string): string {
  return jobId.slice(0, 8);
}

/** What begins every frame of a job, up to its sequence number. */
export function frameStart(tag: string): string {
  return joined('id: ', tag, ':');
}

/** A chunk of a task's stream as frames that begin with `start`: several for a run of tokens, else one. */
export function encodeChunk(chunk: StreamChunk, start: string): string {
  switch (chunk.kind) {
    case 'tokens':
      return encodeTokens(start, chunk.firstIndex, chunk.texts);
    case 'started':
      return frame(`${start}0`, 'started', {
        task_id: chunk.taskId,
        job_id: chunk.jobId,
        session_id: chunk.sessionId,
        pool_id: chunk.poolId,
        queue_position: chunk.queuePosition,
        predicted_start_ms: roundMs(chunk.predictedStartMs),
        seed: chunk.seed,
      } satisfies Wire.StartedFrame);
    case 'metrics':
      return frame(`${start}${chunk.seq}`, 'metrics', {
        state: chunk.state,
        queue_position: chunk.queuePosition,
        predicted_start_ms: roundMs(chunk.predictedStartMs),
        on_time_probability: chunk.onTimeProbability,
        queue_depth: chunk.queueDepth,
        waiting_for: chunk.waitingFor,
        queue_time_ms: roundMs(chunk.queueTimeMs),
        replica_id: chunk.replicaId,
        kv_warmth: chunk.kvWarmth,
        tokens_budget_remaining: chunk.tokensBudgetRemaining,
      } satisfies Wire.MetricsFrame);
    case 'end':
      return frame(`${start}${chunk.seq}`, 'end', {
        tokens_out: chunk.tokensOut,
        decode_time_ms: roundMs(chunk.decodeTimeMs),
        finish_reason: chunk.finishReason,
        tool_calls: chunk.toolCalls,
        receipt: chunk.receipt && toWireReceipt(chunk.receipt),
      } satisfies Wire.EndFrame);
    case 'error':
      return frame(`${start}${chunk.seq}`, 'error', {
        ...toWireError(chunk.error),
        engine: chunk.engine,
        pool_id: chunk.poolId,
      } satisfies Wire.ErrorFrame);
  }
}

/** One frame; the data is one line, as JSON escapes line ends. */
export function encodeFrame(id: string | number, event: string, data: object): string {
  return frame(`id: ${id}`, event, data);
}

function frame(idLine: string, event: string, data: object): string {
  return `${idLine}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The frames of tokens, without an object and with few strings. */
export function encodeTokens(start: string, firstIndex: number, texts: readonly string[]): string {
  let frames = '';
  for (let k = 0; k < texts.length; k++) {
    const { before, after } = casingAt(firstIndex + k);
    const text = texts[k] ?? '';
    const inner = isPlain(text, LAST_BEFORE_SURROGATES) ? text : JSON.stringify(text).slice(1, -1);
    frames += start + before + inner + after;
  }
  return frames;
}

/**
 * The hot path: as `encodeTokens`, and known to be as many bytes as characters; undefined when a text has others than ASCII,
 * or such as JSON escapes. Most have neither, which one look tells.
 */
export function encodePlainTokens(start: string, firstIndex: number, texts: readonly string[]): string | undefined {
  let frames = '';
  for (let k = 0; k < texts.length; k++) {
    const text = texts[k] ?? '';
    if (!isPlain(text, LAST_ASCII)) return undefined;
    const { before, after } = casingAt(firstIndex + k);
    frames += start + before + text + after;
  }
  return frames;
}

/** What a token's frame says around its text: the same in every stream. */
interface Casing {
  readonly before: string;
  readonly after: string;
}

/** Casings are kept for the tokens of so long a reply; few are longer. */
const KEPT_CASINGS = 1_024;
const casings: Casing[] = [];

function casingAt(index: number): Casing {
  return casings[index] ?? newCasing(index);
}

function newCasing(index: number): Casing {
  const before = joined(index + 1, '\nevent: token\ndata: {"t":"');
  const after = joined('","i":', index, '}\n\n');
  const casing = { before, after };
  if (index < KEPT_CASINGS) casings[index] = casing;
  return casing;
}

/** The parts as one text; a sum of them would be put together anew in each frame that it becomes a part of. */
function joined(...parts: readonly (string | number)[]): string {
  return parts.join('');
}

const LAST_ASCII = 0x7f;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether JSON writes the text as it stands, none of it beyond `last`; a look costs less than the call. */
function isPlain(text: string, last: number): boolean {
  for (let k = 0; k < text.length; k++) {
    const unit = text.charCodeAt(k);
    if (unit < 0x20 || unit === QUOTE || unit === BACKSLASH || unit > last) return false;
  }
  return true;
}
