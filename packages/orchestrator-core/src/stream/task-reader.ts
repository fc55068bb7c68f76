// SPDX-License-Identifier: MIT
import type { FinishReason, OrchError, ToolCall } from '@llama-orch/worker-adapter-api';
import type { JobId, PoolId, ReplicaId, SessionId, TaskId } from '../task/ids.ts';
import type { Receipt } from '../task/task.ts';
import type { WaitReason } from '../waiting/why-waiting.ts';

/** First frame of every stream: what was told at admission. */
export interface StartedChunk {
  readonly kind: 'started';
  readonly seq: 0;
  readonly taskId: TaskId;
  readonly jobId: JobId;
  readonly poolId: PoolId;
  readonly sessionId?: SessionId;
  readonly queuePosition: number;
  readonly predictedStartMs?: number;
  readonly seed: number;
}

/** A run of tokens: `texts[k]` has index `firstIndex + k` and sequence number `firstIndex + k + 1`. */
export interface TokensChunk {
  readonly kind: 'tokens';
  readonly firstIndex: number;
  readonly texts: readonly string[];
}

/** Live figures; never stored, the first thing dropped under pressure. `seq` is that of the stored frame before it. */
export interface MetricsChunk {
  readonly kind: 'metrics';
  readonly seq: number;
  readonly state: 'queued' | 'running';
  readonly queuePosition: number;
  readonly predictedStartMs?: number;
  readonly queueDepth: number;
  /** While it waits with a deadline: the chance that it starts in time, from 0 to 1, in hundredths. */
  readonly onTimeProbability?: number;
  /** While it waits: why. */
  readonly waitingFor?: WaitReason;
  /** Present once it runs. */
  readonly queueTimeMs?: number;
  readonly replicaId?: ReplicaId;
  /** Whether the replica, or while it waits the session's, is believed to hold the session's context memory. */
  readonly kvWarmth?: boolean;
  /** Left of its session's budget, where there is one. */
  readonly tokensBudgetRemaining?: number;
}

/** Terminal frame of a task that completed or was canceled. */
export interface EndChunk {
  readonly kind: 'end';
  readonly seq: number;
  readonly tokensOut: number;
  readonly decodeTimeMs: number;
  readonly finishReason: FinishReason;
  /** Present with reason `tool_calls`. */
  readonly toolCalls?: readonly ToolCall[];
  /** Absent when the job never ran. */
  readonly receipt?: Receipt;
}

/** Terminal frame of a task that failed or was evicted. */
export interface ErrorChunk {
  readonly kind: 'error';
  readonly seq: number;
  readonly error: OrchError;
  readonly engine?: string;
  readonly poolId: PoolId;
}

/** What a reader gets. */
export type StreamChunk = StartedChunk | TokensChunk | MetricsChunk | EndChunk | ErrorChunk;

/**
 * One reader's place in a task's stream. Pull-based: nothing is buffered per reader, a slow one simply pulls later.
 * When the log has dropped what comes next, `next` returns an error chunk STREAM_GAP and the reader is at its end.
 */
export interface TaskReader {
  /** The next chunk, or undefined when there is none yet; `onReady` is called when there is one again. */
  next(): StreamChunk | undefined;
  /** True once the terminal chunk was returned. */
  readonly ended: boolean;
  /** Idempotent; `onReady` is not called any more. */
  close(): void;
}

/** Where and how to read. */
export interface ReadOptions {
  /** Sequence number of the last frame seen; absent = from the start. */
  readonly afterSeq?: number | undefined;
  /** Called, never from within `next`, when a reader that returned undefined has something to return. */
  onReady(): void;
  /**
   * Takes new tokens from a reader that returned undefined, which then counts them as returned; false: the next ones are
   * told by `onReady` once it has returned undefined again. Absent: all are told by `onReady`.
   */
  onTokens?(firstIndex: number, texts: readonly string[]): boolean;
}
