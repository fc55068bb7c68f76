// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { expectedCostTokens } from '../budget/task-amounts.ts';
import { allowedPools, withAllowedPriority } from '../keys/allowed.ts';
import type { KeyLedger } from '../keys/key-ledger.ts';
import type { SamplerProfile } from '../orchestrator-api.ts';
import type { Pool } from '../pool/pool.ts';
import type { Digest } from '../ports.ts';
import type { RefusedAdmission } from '../queue/task-queue.ts';
import type { PoolId } from '../task/ids.ts';
import type { Caller, Task, TaskRequest } from '../task/task.ts';
import { canonicalJson } from './canonical-json.ts';
import { checkDeadline, DEFAULT_ON_TIME_FLOOR_RATIO } from './check-deadline.ts';
import { checkTask, type ResolvedTask } from './check-task.ts';
import type { Refusal } from './refusal.ts';

/** A request on its way in. */
export interface Applicant {
  readonly request: TaskRequest;
  readonly caller: Caller;
  readonly fingerprint: string;
  /** Length of its text. */
  readonly chars: number;
}

/** What a request is resolved by. */
export interface ResolveOptions {
  readonly keys: KeyLedger;
  readonly pools: ReadonlyMap<PoolId, Pool>;
  readonly samplerProfiles: readonly SamplerProfile[];
  /** Chance of a start in time below which a task with a deadline is refused; default 0.05. */
  readonly onTimeFloorRatio?: number | undefined;
}

/** Where a request would go, or why it goes nowhere. */
export type Resolution =
  | { readonly outcome: 'resolved'; readonly resolved: ResolvedTask; readonly pool: Pool }
  | { readonly outcome: 'refused'; readonly pool: Pool | undefined; readonly error: OrchError };

/** Wait told to a refused client while nothing has been measured yet. */
const UNMEASURED_RETRY_MS = 1_000;
/** Memory of a task besides its text. */
const TASK_OVERHEAD_BYTES = 1_024;

/** The request with what tells it from others. */
export function applicantOf(request: TaskRequest, caller: Caller, digest: Digest): Applicant {
  const text = canonicalJson(bodyOf(request));
  // ORCH-2066: where keys are apart, an id that another key has used is a conflict, and its answer is not told.
  const owned = caller.isolated === true ? `${text}\n${caller.keyId}` : text;
  return { request, caller, fingerprint: digest.sha256Hex(owned), chars: text.length };
}

/** The request without its id; in the order of canonical JSON, which then has nothing to sort. */
function bodyOf(request: TaskRequest): { readonly [member in Exclude<keyof TaskRequest, 'taskId'>]-?: unknown } {
  return {
    ctxTokens: request.ctxTokens,
    deadlineMs: request.deadlineMs,
    determinism: request.determinism,
    engine: request.engine,
    expectedTokens: request.expectedTokens,
    input: request.input,
    kvHint: request.kvHint,
    maxTokens: request.maxTokens,
    metadata: request.metadata,
    modelRef: request.modelRef,
    onDisconnect: request.onDisconnect,
    outputMode: request.outputMode,
    poolId: request.poolId,
    priority: request.priority,
    responseFormat: request.responseFormat,
    samplerProfileVersion: request.samplerProfileVersion,
    sampling: request.sampling,
    seed: request.seed,
    sessionId: request.sessionId,
  };
}

/** Everything that is decided before shares and queue are asked; changes nothing. */
export function resolve(
  { request: asked, caller }: Applicant,
  options: ResolveOptions,
  seed: () => number,
): Resolution {
  const { keys, pools, samplerProfiles, onTimeFloorRatio = DEFAULT_ON_TIME_FLOOR_RATIO } = options;
  const key = keys.spec(caller.keyId);
  const request = withAllowedPriority(asked, key);
  if (OrchError.is(request)) return refuse(request);
  const facts = allowedPools(pools, key).map((pool) => pool.facts());
  const resolved = checkTask(request, { pools: facts, samplerProfiles, drawSeed: seed });
  if (OrchError.is(resolved)) return refuse(resolved);
  const pool = pools.get(resolved.poolId);
  if (pool === undefined) return refuse(new OrchError('POOL_UNAVAILABLE'));
  const late = checkDeadline(request, pool, { priority: resolved.priority, floorRatio: onTimeFloorRatio });
  return late === undefined ? { outcome: 'resolved', resolved, pool } : refuse(late, pool);
}

/** The task that the applicant becomes; every member is there, also where it is undefined. */
export function taskOf(
  { request, caller, fingerprint, chars }: Applicant,
  resolved: ResolvedTask,
  identity: Pick<Task, 'id' | 'jobId' | 'acceptedAtMs' | 'createdAt'>,
): Task {
  const { id, jobId, acceptedAtMs, createdAt } = identity;
  const { deadlineMs } = request;
  // One literal: an object that is put together of several is slow to make and to read, and every task has one.
  return {
    id,
    jobId,
    acceptedAtMs,
    createdAt,
    poolId: resolved.poolId,
    sessionId: resolved.sessionId,
    priority: resolved.priority,
    input: resolved.input,
    ctxTokens: resolved.ctxTokens,
    maxTokens: resolved.maxTokens,
    expectedTokens: resolved.expectedTokens,
    determinism: resolved.determinism,
    samplerProfileVersion: resolved.samplerProfileVersion,
    samplerProfileDigest: resolved.samplerProfileDigest,
    sampling: resolved.sampling,
    responseFormat: resolved.responseFormat,
    kvHint: resolved.kvHint,
    outputMode: resolved.outputMode,
    onDisconnect: resolved.onDisconnect,
    metadata: resolved.metadata,
    fingerprint,
    sizeBytes: chars + TASK_OVERHEAD_BYTES,
    costTokens: expectedCostTokens(resolved, chars),
    identity: caller.identity,
    keyId: caller.keyId,
    correlationId: caller.correlationId,
    deadlineAtMs: deadlineMs === undefined ? undefined : acceptedAtMs + deadlineMs,
  };
}

/** What the client is told when the queue does not take the task. */
export function queueRefusal(admission: RefusedAdmission, pool: Pool, { priority }: Task): Refusal {
  if (admission.outcome === 'closed') return { error: closedError() };
  // A repeat without a record is the repeat of a task that is no longer held: its answer is gone.
  if (admission.outcome !== 'full') return { error: new OrchError('TASK_CONFLICT') };
  const { limits } = pool.spec;
  const limit = admission.limit === 'tasks' ? limits.maxTasks[priority] : limits.maxBytes;
  const error = new OrchError('ADMISSION_REJECT', {
    retryAfterMs: pool.retryAfterMs,
    details: { limit, unit: admission.limit, pool_id: pool.id, priority },
  });
  return { error, policyLabel: limits.fullPolicy };
}

/** What the client is told when nothing new is taken. */
export function closedError(): OrchError {
  const message = 'The service takes no new tasks.';
  return new OrchError('POOL_UNREADY', { message, retryAfterMs: UNMEASURED_RETRY_MS });
}

/** How long a client with more tasks of this kind should wait: 0 while the queue has room, besides those about to wait. */
export function backoffMs(task: Pick<Task, 'priority'>, pool: Pool, joiningCount: number): number {
  const waitingCount = pool.waiting[task.priority] + joiningCount;
  return waitingCount < pool.spec.limits.maxTasks[task.priority] ? 0 : pool.retryAfterMs;
}

function refuse(error: OrchError, pool?: Pool): Resolution {
  return { outcome: 'refused', error, pool };
}
