// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type {
  AdmissionAnswer,
  PoolView,
  Receipt,
  SessionView,
  TaskView,
  WaitingFor,
} from '@llama-orch/orchestrator-core';
import type { OrchError, Sampling } from '@llama-orch/worker-adapter-api';
import { roundMs } from './round-ms.ts';

/** The body of a 202. */
export function toWireAccepted(answer: AdmissionAnswer): Wire.TaskAccepted {
  return {
    task_id: answer.taskId,
    job_id: answer.jobId,
    pool_id: answer.poolId,
    state: answer.state,
    queue_position: answer.queuePosition,
    predicted_start_ms: roundMs(answer.predictedStartMs),
    backoff_ms: roundMs(answer.backoffMs),
  };
}

/** A task for a list: without output and receipt. */
export function toWireTaskSummary({ task, state, timings, usage, ...view }: TaskView): Wire.Task {
  return {
    task_id: task.id,
    job_id: task.jobId,
    session_id: task.sessionId,
    pool_id: task.poolId,
    state,
    workload: task.input.workload,
    priority: task.priority,
    determinism: task.determinism,
    seed: task.sampling.seed,
    queue_position: state === 'running' ? 0 : view.queuePosition,
    predicted_start_ms: roundMs(view.predictedStartMs),
    on_time_probability: view.onTimeProbability,
    waiting_for: view.waitingFor && toWireWaitingFor(view.waitingFor),
    attempt: view.attempt,
    accepted_at: new Date(timings.createdAt).toISOString(),
    timings: {
      queue_time_ms: roundMs(timings.queueTimeMs),
      first_token_ms: roundMs(timings.firstTokenMs),
      decode_time_ms: roundMs(timings.decodeTimeMs),
      total_time_ms: roundMs(timings.totalTimeMs),
    },
    usage: { tokens_in: usage?.tokensIn, tokens_out: usage?.tokensOut, estimated: usage?.isEstimate },
    placement: view.replicaId === undefined ? undefined : { replica_id: view.replicaId, reason: view.placementReason },
    finish_reason: view.finishReason,
    output_mode: task.outputMode,
    on_disconnect: task.onDisconnect,
    metadata: Object.keys(task.metadata).length === 0 ? undefined : (task.metadata as Record<string, string>),
    error: view.error === undefined ? undefined : toWireError(view.error),
  };
}

/** What a task waits for. */
export function toWireWaitingFor({ tasksAhead, slotsBusy, ...waiting }: WaitingFor): Wire.WaitingFor {
  return { ...waiting, tasks_ahead: tasksAhead, slots_busy: slotsBusy };
}

/** A task with everything that is known of it, except its prompt (ORCH-2121). */
export function toWireTask(view: TaskView): Wire.Task {
  return {
    ...toWireTaskSummary(view),
    output: view.output === undefined ? undefined : toWireOutput(view.output),
    receipt: view.receipt === undefined ? undefined : toWireReceipt(view.receipt),
  };
}

function toWireOutput({ toolCalls, ...output }: NonNullable<TaskView['output']>): Wire.TaskOutput {
  return { ...output, tool_calls: toolCalls };
}

/** A fault as it stands in a task, an error frame or a problem. */
export function toWireError(error: OrchError): Wire.TaskError {
  return {
    code: error.code,
    message: error.message,
    retriable: error.retriable,
    retry_after_ms: roundMs(error.retryAfterMs),
    details: Object.keys(error.details).length === 0 ? undefined : error.details,
  };
}

/** A receipt on the wire. */
export function toWireReceipt(receipt: Receipt): Wire.Receipt {
  return {
    seed: receipt.seed,
    determinism: receipt.determinism,
    engine: receipt.engine,
    engine_version: receipt.engineVersion,
    model_id: receipt.modelId,
    model_digest: receipt.modelDigest,
    sampler_profile_version: receipt.samplerProfileVersion,
    sampler_profile_digest: receipt.samplerProfileDigest,
    sampling: toWireSampling(receipt.sampling),
    max_tokens: receipt.maxTokens,
    response_format_sha256: receipt.responseFormatSha256,
    prompt_sha256: receipt.inputSha256,
    output_sha256: receipt.outputSha256,
    tool_calls_sha256: receipt.toolCallsSha256,
    tokens_in: receipt.tokensIn,
    tokens_out: receipt.tokensOut,
    slot_mode: receipt.slotMode,
    prefix_reuse: receipt.prefixReuse,
    replica_id: receipt.replicaId,
    placement_reason: receipt.placementReason,
    attempt: receipt.attempt,
    earlier_attempts: receipt.earlierAttempts?.map(({ replicaId, reason = '' }) => ({ replica_id: replicaId, reason })),
  };
}

function toWireSampling(sampling: Sampling): Wire.SamplingSettings {
  return {
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: sampling.stop,
  };
}

/** A session on the wire. */
export function toWireSession(session: SessionView): Wire.Session {
  return {
    session_id: session.id,
    ttl_ms_remaining: roundMs(Math.max(0, session.ttlMsRemaining)),
    turns: session.turns,
    kv_warmth: session.kvWarmth,
    kv_bytes: session.kvBytes,
    replica_id: session.replicaId,
    tokens_budget_remaining: session.budget?.tokens,
    time_budget_remaining_ms: session.budget?.timeMs,
    cost_budget_remaining: session.budget?.costMicros,
  };
}

/** What a pool can do, as its first replica that told it says. */
export function toWireCapabilities(pool: PoolView): Wire.PoolCapabilities {
  const props = knownProps(pool);
  return {
    pool_id: pool.id,
    engine: props?.engine,
    engine_version: props?.engineVersion,
    model_id: props?.modelId,
    model_digest: props?.modelDigest,
    sampler_profile_version: pool.samplerProfileVersion,
    ctx_max: props?.ctxMaxTokens,
    max_tokens_out: pool.maxTokensOut,
    slots: slotsOf(pool),
    paused: pool.paused,
    workloads: pool.workloads,
    limits: {
      interactive_tasks: pool.limits.maxTasks.interactive,
      batch_tasks: pool.limits.maxTasks.batch,
      queued_bytes: pool.limits.maxBytes,
      full_policy: pool.limits.fullPolicy,
    },
    features: props && {
      determinism: props.features.determinism,
      json_schema: props.features.jsonSchema,
      grammar: props.features.grammar,
      tools: props.features.tools,
      session_reuse: props.features.sessionReuse,
    },
  };
}

/** A pool for a list. */
export function toWirePool(pool: PoolView): Wire.Pool {
  const props = knownProps(pool);
  return {
    pool_id: pool.id,
    engine: props?.engine,
    model_id: props?.modelId,
    live: pool.live,
    ready: pool.ready,
    draining: pool.draining,
    paused: pool.paused,
    slots: slotsOf(pool),
    slots_busy: slotsBusyOf(pool),
    queue_depth: pool.queued,
  };
}

/** A pool's readiness in one line. */
export function toWireReadiness(pool: PoolView): Wire.PoolReadiness {
  return { pool_id: pool.id, ready: pool.ready, draining: pool.draining, last_error: pool.lastError };
}

function knownProps(pool: PoolView): PoolView['replicas'][number]['props'] {
  return pool.replicas.find(({ props }) => props !== undefined)?.props;
}

/** Slots of its ready replicas. */
export function slotsOf(pool: PoolView): number {
  return pool.replicas.reduce((sum, { state, props }) => sum + (state === 'ready' ? (props?.slots ?? 0) : 0), 0);
}

/** Slots that run a job. */
export function slotsBusyOf(pool: PoolView): number {
  return pool.replicas.reduce((sum, { slotsBusy }) => sum + slotsBusy, 0);
}
