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
  return `id: ${tag}:`;
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

/** The hot path: the frames of tokens, without an object and with few strings. */
export function encodeTokens(start: string, firstIndex: number, texts: readonly string[]): string {
  let frames = '';
  for (let k = 0; k < texts.length; k++) {
    const { before, after } = casingAt(firstIndex + k);
    const text = texts[k] ?? '';
    const inner = isPlain(text) ? text : JSON.stringify(text).slice(1, -1);
    frames += start + before + inner + after;
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
  // Joined, for what is added up is put together anew in each frame that it becomes a part of.
  const before = [index + 1, '\nevent: token\ndata: {"t":"'].join('');
  const after = ['","i":', index, '}\n\n'].join('');
  const casing = { before, after };
  if (index < KEPT_CASINGS) casings[index] = casing;
  return casing;
}

/** Whether every character of these texts, and of the frames they become, is one byte. */
export function areAscii(texts: readonly string[]): boolean {
  for (const text of texts) {
    for (let k = 0; k < text.length; k++) if (text.charCodeAt(k) >= 0x80) return false;
  }
  return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether JSON writes the text as it stands: most texts of tokens are, and a look costs less than the call. */
function isPlain(text: string): boolean {
  for (let k = 0; k < text.length; k++) {
    const unit = text.charCodeAt(k);
    if (unit < 0x20 || unit === QUOTE || unit === BACKSLASH || (unit >= 0xd800 && unit < 0xe000)) return false;
  }
  return true;
}
