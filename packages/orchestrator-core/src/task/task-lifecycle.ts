// SPDX-License-Identifier: MIT
import { OrchError, type WorkerEnd, type WorkerProps } from '@llama-orch/worker-adapter-api';
import { buildReceipt } from '../dispatch/build-receipt.ts';
import type { ControlEvent } from '../orchestrator-api.ts';
import type { Pool } from '../pool/pool.ts';
import type { CorePorts } from '../ports.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { ReplicaId } from './ids.ts';
import type { TaskRecord } from './task-record.ts';
import { transition, type TaskEvent } from './task-state.ts';
import type { TaskTable } from './task-table.ts';
import type { AdmissionAnswer, TaskEnd } from './task.ts';

/** What the lifecycle needs. */
export interface TaskLifecycleOptions {
  readonly ports: CorePorts;
  readonly table: TaskTable;
  readonly sessions: SessionTable;
  readonly emit: (event: ControlEvent) => void;
  /** The latest start of a waiting task has passed. */
  readonly onDeadline: (record: TaskRecord) => void;
}

/** Where a job runs, and why there. */
export interface JobPlace {
  readonly pool: Pool;
  readonly replicaId: ReplicaId;
  readonly props: WorkerProps;
  readonly reason: string;
  /** Whether the replica is believed to hold the session's context memory. */
  readonly kvWarmth: boolean;
}

/** What a run left behind. */
export interface JobResult {
  readonly place: JobPlace;
  /** Undefined when the engine told nothing at its end. */
  readonly end: WorkerEnd | undefined;
  readonly finishReason: 'stop' | 'length' | undefined;
  /** Tokens that went into the stream. */
  readonly acceptedTokens: number;
}

/** What is told at admission besides the ids. */
export type AdmissionFigures = Pick<AdmissionAnswer, 'queuePosition' | 'predictedStartMs' | 'backoffMs'>;

/** Carries out what the queue has decided: state, stream, session, metrics and events of a task change here and only here. */
export class TaskLifecycle {
  readonly #options: TaskLifecycleOptions;

  constructor(options: TaskLifecycleOptions) {
    this.#options = options;
  }

  /** The queue has accepted the task. The first of submit and claim to notice writes the answer; it never changes. */
  admitted(record: TaskRecord, pool: Pool, figures: AdmissionFigures): AdmissionAnswer {
    if (record.admission !== undefined) return record.admission;
    const { id, jobId, poolId, sessionId, sampling, priority } = record.task;
    const { seed } = sampling;
    record.admission = { taskId: id, jobId, poolId, state: 'queued', seed, ...figures };
    const { queuePosition, predictedStartMs } = figures;
    record.log.start({
      kind: 'started',
      seq: 0,
      taskId: id,
      jobId,
      poolId,
      ...(sessionId === undefined ? {} : { sessionId }),
      queuePosition,
      ...(predictedStartMs === undefined ? {} : { predictedStartMs }),
      seed,
    });
    const { meter } = this.#options.ports;
    meter.add('tasks_enqueued_total', { pool_id: poolId, priority }, 1);
    if (predictedStartMs === undefined) meter.add('predictions_omitted_total', { pool_id: poolId }, 1);
    pool.countWaiting(priority, 1);
    this.armDeadline(record);
    this.#publish(record);
    return record.admission;
  }

  /** Watches the deadline of a waiting task, if it has one. */
  armDeadline(record: TaskRecord): void {
    const { deadlineAtMs } = record.task;
    if (deadlineAtMs === undefined || record.state !== 'queued') return;
    const { clock } = this.#options.ports;
    record.deadline?.cancel();
    record.deadline = clock.setTimer(Math.max(0, deadlineAtMs - clock.nowMs()), () => this.#options.onDeadline(record));
  }

  /** The queue gave out the right to run it. */
  claimed(record: TaskRecord, pool: Pool): void {
    this.#move(record, 'claim');
    record.deadline?.cancel();
    record.deadline = undefined;
    pool.countWaiting(record.task.priority, -1);
  }

  /** An engine is about to get it. */
  handedOver(record: TaskRecord, place: JobPlace): void {
    const { clock, meter } = this.#options.ports;
    const { task, figures, admission } = record;
    record.attempt += 1;
    record.replicaId = place.replicaId;
    const queueTimeMs = clock.nowMs() - task.acceptedAtMs;
    figures.queueTimeMs = queueTimeMs;
    if (record.attempt === 1 && admission?.predictedStartMs !== undefined) {
      const { predictedStartMs } = admission;
      place.pool.estimator.recordStart(predictedStartMs, queueTimeMs);
      meter.observe('prediction_error_ms', { pool_id: task.poolId }, Math.abs(predictedStartMs - queueTimeMs));
    }
    record.log.setLive({
      state: 'running',
      queuePosition: 0,
      queueDepth: place.pool.waiting.interactive + place.pool.waiting.batch,
      queueTimeMs,
      replicaId: place.replicaId,
      kvWarmth: place.kvWarmth,
    });
    this.#publish(record);
  }

  /** It is back in the queue, unstarted. */
  released(record: TaskRecord, pool: Pool): void {
    this.#move(record, 'release');
    pool.countWaiting(record.task.priority, 1);
    this.#publish(record);
  }

  /** The queue has decided the end, and the slot is free if there was one. Every later call changes nothing. */
  ended(record: TaskRecord, pool: Pool, end: TaskEnd & { readonly result?: JobResult }): void {
    if (record.ended) return;
    const waited = record.state === 'queued';
    this.#move(record, eventOf(end, waited));
    if (waited) pool.countWaiting(record.task.priority, -1);
    record.deadline?.cancel();
    record.deadline = undefined;
    this.#keepFigures(record, end.result);
    this.#seal(record, end);
    this.#endTurn(record, end.result);
    this.#countEnd(record, end.outcome);
    this.#options.table.retire(record);
    record.announceEnd();
    this.#publish(record);
  }

  #keepFigures(record: TaskRecord, result: JobResult | undefined): void {
    const { clock } = this.#options.ports;
    record.figures.totalTimeMs = clock.nowMs() - record.task.acceptedAtMs;
    const end = result?.end;
    if (result === undefined || end === undefined) return;
    record.figures.decodeTimeMs = end.decodeTimeMs;
    const { embeddings, scores } = end;
    record.vectors = {
      ...(embeddings === undefined ? {} : { embeddings }),
      ...(scores === undefined ? {} : { scores }),
    };
  }

  #seal(record: TaskRecord, end: TaskEnd & { readonly result?: JobResult }): void {
    const { task, log } = record;
    if (end.outcome === 'failed' || end.outcome === 'evicted') {
      const error = end.outcome === 'failed' ? end.error : new OrchError('QUEUE_FULL_DROP_LRU', { phase: 'queued' });
      record.error = error;
      const engine = end.result?.place.props.engine;
      log.seal({ kind: 'error', error, poolId: task.poolId, ...(engine === undefined ? {} : { engine }) });
      return;
    }
    if (end.outcome === 'canceled') log.cutTokens();
    const finishReason = end.outcome === 'canceled' ? 'canceled' : (end.result?.finishReason ?? 'stop');
    record.finishReason = finishReason;
    const tokensOut = this.#bill(record, end.outcome, end.result);
    const { receipt, figures } = record;
    const decodeTimeMs = figures.decodeTimeMs ?? 0;
    log.seal({ kind: 'end', tokensOut, decodeTimeMs, finishReason, ...(receipt === undefined ? {} : { receipt }) });
  }

  /** Usage and receipt of a job that ran; answers the tokens it is said to have generated. */
  #bill(record: TaskRecord, outcome: 'completed' | 'canceled', result: JobResult | undefined): number {
    if (result === undefined) return 0;
    const { end, place, acceptedTokens } = result;
    // Canceled and cut-off jobs count what went into the stream; the engine may have made more.
    const counted = outcome === 'completed' && end !== undefined && end.finishReason !== 'canceled';
    const tokensOut = counted ? Math.min(end.tokensOut, record.task.maxTokens) : acceptedTokens;
    if (end === undefined) return tokensOut;
    const { tokensIn, prefixReuse } = end;
    record.usage = { tokensIn, tokensOut };
    const outputSha256 = record.log.outputSha256();
    record.receipt = buildReceipt(
      {
        task: record.task,
        props: place.props,
        replicaId: place.replicaId,
        placementReason: place.reason,
        attempt: record.attempt,
        tokensIn,
        tokensOut,
        prefixReuse,
        outputSha256,
      },
      this.#options.ports.digest,
    );
    return tokensOut;
  }

  #endTurn({ turn, task, usage }: TaskRecord, result: JobResult | undefined): void {
    if (turn === undefined) return;
    const props = result?.place.props;
    this.#options.sessions.endTurn(turn, {
      usedTokens: usage === undefined ? 0 : usage.tokensIn + usage.tokensOut,
      ...(result === undefined ? {} : { replicaId: result.place.replicaId }),
      kvWarmth: props?.features.sessionReuse === true && task.kvHint === 'reuse' && usage !== undefined,
      nowMs: this.#options.ports.clock.nowMs(),
    });
  }

  #countEnd({ task }: TaskRecord, outcome: TaskEnd['outcome']): void {
    const { meter } = this.#options.ports;
    const labels = { pool_id: task.poolId, priority: task.priority };
    meter.add('tasks_ended_total', { ...labels, outcome }, 1);
    if (outcome === 'canceled') meter.add('tasks_canceled_total', labels, 1);
  }

  #move(record: TaskRecord, event: TaskEvent): void {
    const next = transition(record.state, event);
    if (next === undefined) {
      throw new OrchError('INTERNAL', { message: `A task that is ${record.state} cannot ${event}.` });
    }
    record.state = next;
  }

  #publish({ task, state, error }: TaskRecord): void {
    const code = error?.code;
    const at = this.#options.ports.clock.wallNowMs();
    const event = { kind: 'task', at, taskId: task.id, poolId: task.poolId, state } as const;
    this.#options.emit(code === undefined ? event : { ...event, code });
  }
}

function eventOf(end: TaskEnd, waited: boolean): TaskEvent {
  switch (end.outcome) {
    case 'completed':
      return 'complete';
    case 'canceled':
      return 'cancel';
    case 'evicted':
      return 'evict';
    case 'failed':
      return waited ? 'expire' : 'fail';
  }
}
