// SPDX-License-Identifier: MIT
import { OrchError, type FinishReason, type WorkerEnd } from '@llama-orch/worker-adapter-api';
import { canonicalJson } from '../admission/canonical-json.ts';
import { buildReceipt } from '../dispatch/build-receipt.ts';
import type { CorePorts, Digest } from '../ports.ts';
import type { TaskArchive } from '../store/task-store.ts';
import type { Terminal } from '../stream/event-log.ts';
import type { JobPlace } from './task-lifecycle.ts';
import { NO_PRODUCTS, type TaskRecord } from './task-record.ts';
import type { AdmissionAnswer, Receipt, Task, TaskEnd, TaskProducts, TaskUsage } from './task.ts';

const CALL_ID_LENGTH = 9;

/** What a run left behind. */
export interface JobResult {
  readonly place: JobPlace;
  /** Undefined when the engine told nothing at its end. */
  readonly end: WorkerEnd | undefined;
  readonly finishReason: Exclude<FinishReason, 'canceled'> | undefined;
  /** Tokens that the engine gave and core took. */
  readonly acceptedTokens: number;
  /** The texts they came as. */
  readonly acceptedPieces: number;
}

/** Everything that is to be told of the end of a task. */
export interface Conclusion {
  readonly outcome: TaskEnd['outcome'];
  readonly totalTimeMs: number;
  /** Present when the task ran at its end. */
  readonly result?: JobResult;
  readonly error?: OrchError;
  readonly finishReason?: FinishReason;
  readonly usage?: TaskUsage;
  readonly receipt?: Receipt;
  /** Present when the engine told its end. */
  readonly products?: TaskProducts;
  readonly tokensOut: number;
}

/** A task that comes to its end. */
export interface Ending {
  readonly record: TaskRecord;
  readonly end: TaskEnd;
  /** Present when it ran at its end. */
  readonly result: JobResult | undefined;
}

/** What to tell when the task ends so; changes nothing but that the log takes no more text. */
export function concludeTask(
  { record, end, result }: Ending,
  { clock, digest }: Pick<CorePorts, 'clock' | 'digest'>,
): Conclusion {
  const { outcome } = end;
  const { task } = record;
  const totalTimeMs = clock.nowMs() - task.acceptedAtMs;
  if (outcome === 'failed') return { outcome, totalTimeMs, result, error: end.error, tokensOut: 0 };
  if (outcome === 'evicted') {
    const error = new OrchError('QUEUE_FULL_DROP_LRU', { phase: 'queued' });
    return { outcome, totalTimeMs, result, error, tokensOut: 0 };
  }
  const finishReason = outcome === 'canceled' ? 'canceled' : (result?.finishReason ?? 'stop');
  const tokensOut = countTokens(record, outcome, result);
  const workerEnd = result?.end;
  if (result === undefined || workerEnd === undefined) {
    return { outcome, totalTimeMs, result, finishReason, tokensOut };
  }
  const { tokensIn, prefixReuse, countsEstimated } = workerEnd;
  const { props, replicaId, reason: placementReason } = result.place;
  const products = productsOf(workerEnd, task, digest);
  const receipt = buildReceipt(
    {
      task,
      props,
      replicaId,
      placementReason,
      attempt: record.attempt,
      earlierAttempts: record.earlier,
      tokensIn,
      tokensOut,
      prefixReuse,
      outputSha256: record.log.outputSha256(),
      toolCalls: products.toolCalls,
    },
    digest,
  );
  // ORCH-1517
  const isEstimate = countsEstimated === true ? countsEstimated : undefined;
  const usage = { tokensIn, tokensOut, isEstimate };
  return { outcome, totalTimeMs, result, finishReason, usage, receipt, products, tokensOut };
}

/** The last frame of its stream. */
export function terminalOf(record: TaskRecord, conclusion: Conclusion): Terminal {
  const { error, finishReason = 'stop', tokensOut, receipt, result, products } = conclusion;
  if (error !== undefined) {
    return { kind: 'error', error, poolId: record.task.poolId, engine: result?.place.props.engine };
  }
  const decodeTimeMs = result?.end?.decodeTimeMs ?? 0;
  return { kind: 'end', tokensOut, decodeTimeMs, finishReason, toolCalls: products?.toolCalls, receipt };
}

/** Vectors, scores and tool calls of a run. */
function productsOf({ embeddings, scores, toolCalls }: WorkerEnd, task: Task, digest: Digest): TaskProducts {
  if (embeddings === undefined && scores === undefined && toolCalls === undefined) return NO_PRODUCTS;
  return {
    embeddings,
    scores,
    toolCalls: toolCalls?.map((call, k) => ({ id: callId(task, k, digest), ...call })),
  };
}

/** ORCH-3485: an id that repeats with the task; 9 letters and digits, since some templates take no other. */
function callId({ input, sampling: { seed } }: Task, index: number, digest: Digest): string {
  return digest.sha256Hex(canonicalJson({ input, seed, index })).slice(0, CALL_ID_LENGTH);
}

/** All that outlives the process of a task that ends so. */
export function archiveOf(
  record: TaskRecord,
  conclusion: Conclusion,
  { admission, endedAt }: { readonly admission: AdmissionAnswer; readonly endedAt: number },
): TaskArchive {
  const { task, log, figures, replicaId, placementReason, attempt } = record;
  const { outcome: state, totalTimeMs, result, usage, tokensOut, finishReason, error, receipt, products } = conclusion;
  const engine = error === undefined ? undefined : result?.place.props.engine;
  const pieces = finishReason === 'canceled' ? undefined : log.allPieces();
  return {
    task,
    admission,
    state,
    timings: {
      ...figures,
      createdAt: task.createdAt,
      decodeTimeMs: result?.end?.decodeTimeMs ?? figures.decodeTimeMs,
      totalTimeMs,
    },
    attempts: attempt,
    replicaId,
    placementReason,
    engine,
    usage,
    tokensOut,
    finishReason,
    error,
    receipt,
    products,
    pieceCount: log.tokenCountAt(terminalOf(record, conclusion)),
    pieces,
    endedAt,
  };
}

function countTokens(record: TaskRecord, outcome: 'completed' | 'canceled', result: JobResult | undefined): number {
  // Canceled and cut-off jobs count what went into the stream; the engine may have made more.
  const deliveredCount = record.delivered?.pieceCount ?? 0;
  if (result === undefined) return deliveredCount;
  const { end, acceptedTokens } = result;
  const counted = outcome === 'completed' && end !== undefined && end.finishReason !== 'canceled';
  return counted ? Math.min(end.tokensOut, record.task.maxTokens) : Math.max(acceptedTokens, deliveredCount);
}
