// SPDX-License-Identifier: MIT
import type { OrchError } from './orch-error.ts';
import type { Determinism, ToolCallText, WorkerRequest, Workload } from './worker-request.ts';

/** What an engine can keep; known per adapter, checked at admission. */
export interface WorkerFeatures {
  /** `strict`: same request, same bytes, on any replica with equal props. */
  readonly determinism: Determinism;
  readonly jsonSchema: boolean;
  readonly grammar: boolean;
  readonly tools: boolean;
  /** Whether context memory of a session can be kept between turns. */
  readonly sessionReuse: boolean;
}

/** What an engine is and can, read from the running engine. */
export interface WorkerProps {
  /** Engine name, e.g. `node-llama-cpp`, `llamacpp`, `mock`. */
  readonly engine: string;
  /** Exact build, including the compute backend where it changes results. */
  readonly engineVersion: string;
  readonly modelId: string;
  /** `sha256:<64 hex>` of the model file; undefined when the engine cannot tell. */
  readonly modelDigest: string | undefined;
  /** Concurrent generations. */
  readonly slots: number;
  /** Context of one slot, in tokens. */
  readonly ctxMaxTokens: number;
  readonly workloads: readonly Workload[];
  /** How slots share the engine; part of every receipt. */
  readonly slotMode: 'isolated' | 'shared' | 'external';
  readonly features: WorkerFeatures;
}

/** State of an engine as its adapter sees it. */
export type WorkerHealth =
  | { readonly state: 'ready'; readonly props: WorkerProps }
  | { readonly state: 'loading'; readonly progressRatio?: number }
  /** There is no engine now, and one is loaded when work waits for it. */
  | { readonly state: 'unloaded' }
  | { readonly state: 'failed'; readonly error: OrchError };

/** Readings of an engine; a reading the engine does not offer is left out. */
export interface WorkerMetrics {
  readonly slotsBusy?: number;
  readonly kvCacheUsageRatio?: number;
  /** Context memory kept for sessions between turns; absent when the engine cannot tell. */
  readonly contexts?: readonly HeldContext[];
  /** The devices it runs on; absent when it runs on none or cannot tell. */
  readonly devices?: readonly DeviceMemory[];
}

/** How much room a device has. */
export interface DeviceMemory {
  readonly id: string;
  /** As the device reports it, so less what strangers hold. */
  readonly freeBytes: number;
}

/** Context memory that an engine keeps for a session. */
export interface HeldContext {
  readonly sessionId: string;
  /** As the engine measures it; absent when it cannot tell. */
  readonly bytes?: number;
}

/** Why a generation ended; `tool_calls`: the model waits for the results of tools. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'canceled';

/** How a generation ended. */
export interface WorkerEnd {
  readonly finishReason: FinishReason;
  /** Prompt tokens, as the engine counted them. */
  readonly tokensIn: number;
  /** Generated tokens, as the engine counted them; may differ from the number of pieces sent. */
  readonly tokensOut: number;
  /** True where the adapter counted, because the engine did not say; absent where the engine did. */
  readonly countsEstimated?: boolean;
  /** Milliseconds from the engine's start of work to its last token. */
  readonly decodeTimeMs: number;
  /** True when context memory of an earlier turn was used. */
  readonly prefixReuse: boolean;
  /** Whether the engine keeps the context memory for the session's next turn; absent when the adapter cannot tell. */
  readonly contextKept?: boolean;
  /** Another session, whose context memory had to go for this run. */
  readonly displacedSessionId?: string;
  /** Chat with tools: what the model called, in order; never part of the text. Present with reason `tool_calls`. */
  readonly toolCalls?: readonly ToolCallText[];
  /** Embedding workload: one vector per input, in order. */
  readonly embeddings?: readonly (readonly number[])[];
  /** Rerank workload: one score per document, in order. */
  readonly scores?: readonly number[];
}

/** Where a run sends what it generates. */
export interface TokenSink {
  /**
   * Receives pieces of text as they leave the engine, in order, at most once per engine wake-up. Synchronous; must not
   * throw. `tokenCount` is how many tokens the pieces stand for (at least 0; pieces may be fewer).
   */
  onTokens(texts: readonly string[], tokenCount: number): void;
}

/**
 * Translates to one engine, and only translates: no queue, no retry, no budget.
 *
 * Obligations, checked by `exerciseAdapter`:
 * - ORCH ids 4000-4099 in `specs/adapters.md` number them.
 * - `run` settles exactly once: it resolves a {@link WorkerEnd} or rejects an `OrchError`. Pieces are never empty
 *   strings; after it has settled, `onTokens` is never called again.
 * - After `signal` aborts, `onTokens` is not called again, and `run` resolves with `finishReason: 'canceled'`
 *   once the engine's slot is free. A signal that is already aborted costs the engine nothing.
 * - `run` may be called concurrently up to `props.slots` times; more callers wait or are rejected REPLICA_EXHAUSTED.
 * - Faults: INVALID_PARAMS (the engine refuses the request), WORKER_RESET (engine gone, broken or talking nonsense),
 *   REPLICA_EXHAUSTED (no memory), POOL_UNREADY (still loading), DECODE_TIMEOUT (no answer in time), INTERNAL.
 * - `close` is idempotent, aborts what runs, and leaves no process, thread, socket, timer or file behind.
 */
export interface WorkerAdapter {
  /** Adapter kind, e.g. `llamacpp-http`. */
  readonly kind: string;
  /** Version of this port. */
  readonly specVersion: 1;
  /** Reads the engine's state. Never rejects for an engine that is down: that is `failed`. */
  probe(signal: AbortSignal): Promise<WorkerHealth>;
  /** Runs one generation. */
  run(request: WorkerRequest, sink: TokenSink, signal: AbortSignal): Promise<WorkerEnd>;
  /** Reads the engine's own figures. Rejects like `run` when the engine is down. */
  metrics(signal: AbortSignal): Promise<WorkerMetrics>;
  /**
   * Kills an engine that does not do what it is told and starts another in its place; absent where the engine is not the
   * adapter's own. Runs that have not settled reject WORKER_RESET, and `probe` tells when the new engine is ready.
   */
  restart?(): void;
  /**
   * Calls back whenever `probe` would answer otherwise than before, until the returned function is called; absent where
   * only a probe can tell. The call may come at any time, but not from within `probe`.
   */
  onHealthChange?(listener: () => void): () => void;
  /**
   * How many tokens the engine will read for this request, counted without a generation; absent where it cannot count.
   * Rejects like `run`.
   */
  countPromptTokens?(request: WorkerRequest, signal: AbortSignal): Promise<number>;
  /** Frees the context memory kept for a session, at the latest when its run ends; absent where none is kept. */
  forgetSession?(sessionId: string): void;
  /** Ends everything; idempotent. */
  close(): Promise<void>;
}
