// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { StreamChunk, TokensChunk } from '@llama-orch/orchestrator-core';
import { toWireError, toWireReceipt } from './to-wire.ts';
import { roundMs } from './round-ms.ts';

/** What begins the event ids of a job: the first 8 hex digits of its id. */
export function eventTag(jobId: string): string {
  return jobId.slice(0, 8);
}

/** A chunk of a task's stream as frames: several for a run of tokens, else one. */
export function encodeChunk(chunk: StreamChunk, tag: string): string {
  switch (chunk.kind) {
    case 'tokens':
      return encodeTokens(chunk, tag);
    case 'started':
      return encodeFrame(`${tag}:0`, 'started', {
        task_id: chunk.taskId,
        job_id: chunk.jobId,
        session_id: chunk.sessionId,
        pool_id: chunk.poolId,
        queue_position: chunk.queuePosition,
        predicted_start_ms: roundMs(chunk.predictedStartMs),
        seed: chunk.seed,
      } satisfies Wire.StartedFrame);
    case 'metrics':
      return encodeFrame(`${tag}:${chunk.seq}`, 'metrics', {
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
      return encodeFrame(`${tag}:${chunk.seq}`, 'end', {
        tokens_out: chunk.tokensOut,
        decode_time_ms: roundMs(chunk.decodeTimeMs),
        finish_reason: chunk.finishReason,
        tool_calls: chunk.toolCalls,
        receipt: chunk.receipt && toWireReceipt(chunk.receipt),
      } satisfies Wire.EndFrame);
    case 'error':
      return encodeFrame(`${tag}:${chunk.seq}`, 'error', {
        ...toWireError(chunk.error),
        engine: chunk.engine,
        pool_id: chunk.poolId,
      } satisfies Wire.ErrorFrame);
  }
}

/** One frame; the data is one line, as JSON escapes line ends. */
export function encodeFrame(id: string | number, event: string, data: object): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The hot path: one string per token, no object. */
function encodeTokens({ firstIndex, texts }: TokensChunk, tag: string): string {
  let frames = '';
  for (let k = 0; k < texts.length; k++) {
    const index = firstIndex + k;
    frames += `id: ${tag}:${index + 1}\nevent: token\ndata: {"t":${JSON.stringify(texts[k])},"i":${index}}\n\n`;
  }
  return frames;
}
