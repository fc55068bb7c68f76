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
export function toWireTaskSummary(view: TaskView): Wire.Task {
  const { task, state, timings, usage } = view;
  return {
    accepted_at: new Date(timings.createdAt).toISOString(),
    attempt: view.attempt,
    determinism: task.determinism,
    error: view.error === undefined ? undefined : toWireError(view.error),
    finish_reason: view.finishReason,
    job_id: task.jobId,
    metadata: Object.keys(task.metadata).length === 0 ? undefined : (task.metadata as Record<string, string>),
    on_disconnect: task.onDisconnect,
    on_time_probability: view.onTimeProbability,
    output_mode: task.outputMode,
    placement: view.replicaId === undefined ? undefined : { reason: view.placementReason, replica_id: view.replicaId },
    pool_id: task.poolId,
    predicted_start_ms: roundMs(view.predictedStartMs),
    priority: task.priority,
    queue_position: state === 'running' ? 0 : view.queuePosition,
    seed: task.sampling.seed,
    session_id: task.sessionId,
    state,
    task_id: task.id,
    timings: {
      decode_time_ms: roundMs(timings.decodeTimeMs),
      first_token_ms: roundMs(timings.firstTokenMs),
      queue_time_ms: roundMs(timings.queueTimeMs),
      total_time_ms: roundMs(timings.totalTimeMs),
    },
    usage: { estimated: usage?.isEstimate, tokens_in: usage?.tokensIn, tokens_out: usage?.tokensOut },
    waiting_for: view.waitingFor && toWireWaitingFor(view.waitingFor),
    workload: task.input.workload,
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
    details: Object.keys(error.details).length === 0 ? undefined : error.details,
    message: error.message,
    retriable: error.retriable,
    retry_after_ms: roundMs(error.retryAfterMs),
  };
}

/** A receipt on the wire. */
export function toWireReceipt(receipt: Receipt): Wire.Receipt {
  return {
    attempt: receipt.attempt,
    determinism: receipt.determinism,
    earlier_attempts: receipt.earlierAttempts?.map(({ replicaId, reason = '' }) => ({ reason, replica_id: replicaId })),
    engine: receipt.engine,
    engine_version: receipt.engineVersion,
    max_tokens: receipt.maxTokens,
    model_digest: receipt.modelDigest,
    model_id: receipt.modelId,
    output_sha256: receipt.outputSha256,
    placement_reason: receipt.placementReason,
    prefix_reuse: receipt.prefixReuse,
    prompt_sha256: receipt.inputSha256,
    replica_id: receipt.replicaId,
    response_format_sha256: receipt.responseFormatSha256,
    sampler_profile_digest: receipt.samplerProfileDigest,
    sampler_profile_version: receipt.samplerProfileVersion,
    sampling: toWireSampling(receipt.sampling),
    seed: receipt.seed,
    slot_mode: receipt.slotMode,
    tokens_in: receipt.tokensIn,
    tokens_out: receipt.tokensOut,
    tool_calls_sha256: receipt.toolCallsSha256,
  };
}

function toWireSampling(sampling: Sampling): Wire.SamplingSettings {
  return {
    frequency_penalty: sampling.frequencyPenalty,
    min_p: sampling.minP,
    presence_penalty: sampling.presencePenalty,
    repeat_penalty: sampling.repeatPenalty,
    seed: sampling.seed,
    stop: sampling.stop,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
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
