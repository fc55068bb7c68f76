// SPDX-License-Identifier: MIT
import type { ErrorCode } from '@llama-orch/api-types';
import type { JsonObject, WorkerEnd, WorkerMetrics, WorkerProps, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** A fault as it crosses the thread's edge, where error classes are lost. */
export interface EngineFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: JsonObject;
}

/** What the engine thread is started with. */
export interface EngineSettings {
  /** Memory of the EngineActivity both threads share. */
  readonly activityMemory: SharedArrayBuffer;
  readonly modelPath: string;
  readonly modelId: string;
  readonly expectedDigest: string | undefined;
  /** Digest of the file as last seen; used only when the file is still the same. */
  readonly knownDigest: FileDigest | undefined;
  readonly slots: number;
  readonly slotMode: 'isolated' | 'shared';
  readonly ctxMaxTokens: number | undefined;
  readonly gpu: false | 'auto';
  readonly threads: number | undefined;
}

/** A file's digest with what tells whether the file is still the same. */
export interface FileDigest {
  /** Size, modification time and inode. */
  readonly identity: string;
  /** `sha256:<64 hex digits>`. */
  readonly digest: string;
}

/** How much the engine has to say. */
export type EngineLogLevel = 'info' | 'warn' | 'error';

/** What the adapter tells the engine thread. */
export type ToEngine =
  | { readonly type: 'run'; readonly runId: number; readonly request: WorkerRequest }
  | { readonly type: 'abort'; readonly runId: number }
  | { readonly type: 'readings'; readonly queryId: number }
  | { readonly type: 'count'; readonly queryId: number; readonly request: WorkerRequest }
  | { readonly type: 'forget'; readonly sessionId: string }
  | { readonly type: 'close' };

/** What the engine thread tells the adapter; several travel in one message. */
export type FromEngine =
  | { readonly type: 'progress'; readonly progressRatio: number }
  | { readonly type: 'ready'; readonly props: WorkerProps; readonly file: FileDigest }
  | { readonly type: 'failed'; readonly fault: EngineFault }
  | { readonly type: 'tokens'; readonly runId: number; readonly texts: string[]; tokenCount: number }
  | { readonly type: 'end'; readonly runId: number; readonly end: WorkerEnd }
  | { readonly type: 'fault'; readonly runId: number; readonly fault: EngineFault }
  | { readonly type: 'readings'; readonly queryId: number; readonly readings: WorkerMetrics }
  | { readonly type: 'counted'; readonly queryId: number; readonly tokenCount: number }
  | { readonly type: 'unanswered'; readonly queryId: number; readonly fault: EngineFault }
  | { readonly type: 'log'; readonly level: EngineLogLevel; readonly message: string };
