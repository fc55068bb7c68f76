// SPDX-License-Identifier: MIT
import type {
  Determinism,
  FinishReason,
  JsonObject,
  OrchError,
  ResponseFormat,
  Sampling,
  ToolCall,
  WorkerInput,
} from '@llama-orch/worker-adapter-api';
import type { JobId, KeyId, PoolId, ReplicaId, SessionId, TaskId } from './ids.ts';
import type { WaitingFor } from '../waiting/why-waiting.ts';
import type { TaskState } from './task-state.ts';

/** Higher first; FIFO inside one. */
export const PRIORITIES = ['interactive', 'batch'] as const;
/** A task's rank in its pool. */
export type Priority = (typeof PRIORITIES)[number];

/** What the leaving of its last reader means for a task: `detach`, it goes on; `cancel`, it is canceled. */
export type DisconnectPolicy = 'detach' | 'cancel';

/** What a client submits, after its form was validated; nothing deeper re-checks the form. */
export interface TaskRequest {
  readonly taskId?: TaskId;
  readonly sessionId?: SessionId;
  readonly input: WorkerInput;
  readonly modelRef?: string;
  readonly engine?: string;
  /** Pins the pool; never falls back silently. */
  readonly poolId?: PoolId;
  /** Context the task needs, in tokens. */
  readonly ctxTokens?: number;
  readonly priority?: Priority;
  readonly maxTokens?: number;
  /** Milliseconds from submission within which the job must have started. */
  readonly deadlineMs?: number;
  /** The client's own guess of the output length; a hint for predictions. */
  readonly expectedTokens?: number;
  readonly seed?: number;
  readonly determinism?: Determinism;
  readonly samplerProfileVersion?: string;
  /** Overrides of the sampler profile. */
  readonly sampling?: Partial<Omit<Sampling, 'seed'>>;
  readonly responseFormat?: ResponseFormat;
  readonly kvHint?: 'reuse' | 'cold';
  readonly outputMode?: 'text' | 'json' | 'edits';
  readonly onDisconnect?: DisconnectPolicy;
  readonly metadata?: JsonObject;
}

/** Who submits. */
export interface Caller {
  /** `anonymous` or `token:<first 6 hex of sha256>`. */
  readonly identity: string;
  /** Its key in the key file; absent without one. */
  readonly keyId?: KeyId;
  /** Whether it shares task ids with no other key. */
  readonly isolated?: boolean;
  readonly correlationId: string;
}

/** An admitted task: every default is filled in, and it stays as it is to the end. */
export interface Task {
  readonly id: TaskId;
  readonly jobId: JobId;
  readonly poolId: PoolId;
  readonly sessionId?: SessionId;
  readonly priority: Priority;
  readonly input: WorkerInput;
  /** Context the task said it needs, in tokens. */
  readonly ctxTokens?: number;
  readonly maxTokens: number;
  readonly expectedTokens?: number;
  readonly determinism: Determinism;
  readonly samplerProfileVersion: string;
  readonly samplerProfileDigest?: string;
  readonly sampling: Sampling;
  readonly responseFormat?: ResponseFormat;
  readonly kvHint: 'reuse' | 'cold';
  readonly outputMode: 'text' | 'json' | 'edits';
  /** Absent is `detach`. */
  readonly onDisconnect?: DisconnectPolicy;
  readonly metadata: JsonObject;
  /** Digest of the request without its task id; the same id with another one is a conflict. */
  readonly fingerprint: string;
  /** Approximate size in memory, for byte caps. */
  readonly sizeBytes: number;
  readonly identity: string;
  /** The key that submitted it; absent without one. */
  readonly keyId?: KeyId;
  /** What it is expected to cost, in tokens read and written; fair shares are charged so until it has ended. */
  readonly costTokens?: number;
  readonly correlationId: string;
  /** Monotonic. */
  readonly acceptedAtMs: number;
  /** Wall time; of two tasks of one process the later has the greater one. */
  readonly createdAt: number;
  /** Monotonic; a queued task that has not started by then ends with DEADLINE_UNMET. */
  readonly deadlineAtMs?: number;
}

/** What must be equal for two replicas to give the same tokens. */
export interface EngineIdentity {
  readonly engine: string;
  readonly engineVersion: string;
  readonly modelDigest?: string;
}

/** One execution of a job. */
export interface JobAttempt {
  /** Absent when the process ended before it was told. */
  readonly replicaId?: ReplicaId;
  /** Absent when the process ended before it was told. */
  readonly engine?: EngineIdentity;
  /** Why it came to nothing: an error code, or `RESTART` when the process ended; absent for the latest. */
  readonly reason?: string;
}

/** What is needed to reproduce a result, and what was kept of determinism. */
export interface Receipt {
  readonly seed: number;
  readonly determinism: Determinism;
  readonly engine: string;
  readonly engineVersion: string;
  readonly modelId: string;
  readonly modelDigest?: string;
  readonly samplerProfileVersion: string;
  /** Digest of the profile's content; absent where the profile has none. */
  readonly samplerProfileDigest?: string;
  readonly sampling: Sampling;
  readonly maxTokens: number;
  /** Digest of the canonical constraint on the output's form; absent without one. */
  readonly responseFormatSha256?: string;
  /** Digest of the canonical input. */
  readonly inputSha256: string;
  /** Digest of the whole output text. */
  readonly outputSha256: string;
  /** Digest of the canonical tool calls; absent when there were none. */
  readonly toolCallsSha256?: string;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly slotMode: 'isolated' | 'shared' | 'external';
  readonly prefixReuse: boolean;
  readonly replicaId: ReplicaId;
  /** Why this replica was chosen. */
  readonly placementReason: string;
  /** 1 for the first execution. */
  readonly attempt: number;
  /** The executions before it, in order, each with the reason it came to nothing; absent when there was none. */
  readonly earlierAttempts?: readonly JobAttempt[];
}

/** How a task ended; the queue decides it exactly once. */
export type TaskEnd =
  | { readonly outcome: 'completed' }
  | { readonly outcome: 'canceled' }
  | { readonly outcome: 'evicted' }
  | { readonly outcome: 'failed'; readonly error: OrchError };

/** Timings of a task, in milliseconds; a phase not reached is absent. */
export interface TaskTimings {
  /** Wall time of acceptance. */
  readonly createdAt: number;
  readonly queueTimeMs?: number;
  readonly firstTokenMs?: number;
  readonly decodeTimeMs?: number;
  readonly totalTimeMs?: number;
}

/** What the service said when it accepted the task; repeated submits get the same answer. */
export interface AdmissionAnswer {
  readonly taskId: TaskId;
  readonly jobId: JobId;
  readonly poolId: PoolId;
  readonly state: TaskState;
  /** 0 = next or already running. */
  readonly queuePosition: number;
  /** Milliseconds from acceptance; left out when it cannot be believed. */
  readonly predictedStartMs?: number;
  /** How long a client with more work should wait before its next submit; 0 when there is room. */
  readonly backoffMs: number;
  readonly seed: number;
}

/** A task as clients may see it. */
export interface TaskView {
  readonly task: Task;
  readonly admission: AdmissionAnswer;
  readonly state: TaskState;
  /** Queued only: 0 = next. */
  readonly queuePosition?: number;
  /** Queued only: milliseconds from now; left out when it cannot be believed. */
  readonly predictedStartMs?: number;
  /** Queued with a deadline only: the chance that it starts in time, from 0 to 1, in hundredths; left out likewise. */
  readonly onTimeProbability?: number;
  /** Queued only, and not in lists: why it waits. */
  readonly waitingFor?: WaitingFor;
  /** Executions begun so far. */
  readonly attempt: number;
  readonly replicaId?: ReplicaId;
  /** Why the last execution was placed there. */
  readonly placementReason?: string;
  readonly timings: TaskTimings;
  readonly usage?: TaskUsage;
  readonly finishReason?: FinishReason;
  readonly error?: OrchError;
  readonly receipt?: Receipt;
  /** The whole output once completed. */
  readonly output?: TaskOutput;
}

/** Tokens read and written. */
export interface TaskUsage {
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** True where the engine did not count and its adapter did. */
  readonly isEstimate?: true;
}

/** What a finished task produced. */
export interface TaskOutput {
  readonly text: string;
  readonly embeddings?: readonly (readonly number[])[];
  readonly scores?: readonly number[];
  readonly toolCalls?: readonly ToolCall[];
}

/** What a job produced besides its text. */
export type TaskProducts = Omit<TaskOutput, 'text'>;
