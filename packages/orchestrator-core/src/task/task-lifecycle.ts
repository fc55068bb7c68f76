// SPDX-License-Identifier: MIT
import { settleAmounts } from '../budget/settle-amounts.ts';
import type { KeyLedger } from '../keys/key-ledger.ts';
import { OrchError, type WorkerProps } from '@llama-orch/worker-adapter-api';
import type { ControlEvent } from '../orchestrator-api.ts';
import type { Pool } from '../pool/pool.ts';
import type { Replica } from '../pool/replica.ts';
import type { CorePorts } from '../ports.ts';
import type { PlacementReason } from '../scheduling/pick-worker.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { RecoveredTask, TaskArchive, TaskStore } from '../store/task-store.ts';
import { archiveOf, concludeTask, terminalOf, type Conclusion, type JobResult } from './conclusion.ts';
import type { ReplicaId } from './ids.ts';
import { startedChunk } from './started-chunk.ts';
import type { TaskRecord } from './task-record.ts';
import { transition, type TaskEvent } from './task-state.ts';
import type { TaskTable } from './task-table.ts';
import type { AdmissionAnswer, Priority, TaskEnd } from './task.ts';

/** What the lifecycle needs. */
export interface TaskLifecycleOptions {
  readonly ports: CorePorts;
  readonly table: TaskTable;
  readonly sessions: SessionTable;
  readonly keys: KeyLedger;
  /** Absent where nothing outlives the process. */
  readonly store: TaskStore | undefined;
  readonly emit: (event: ControlEvent) => void;
  /** The latest start of a waiting task has passed. */
  readonly onDeadline: (record: TaskRecord) => void;
}

/** Where a job runs, and why there. */
export interface JobPlace {
  readonly pool: Pool;
  readonly replica: Replica;
  readonly replicaId: ReplicaId;
  readonly props: WorkerProps;
  readonly reason: PlacementReason;
  /** Whether the replica is believed to hold the session's context memory. */
  readonly kvWarmth: boolean;
}

/** What is told at admission besides the ids. */
export type AdmissionFigures = Pick<AdmissionAnswer, 'queuePosition' | 'predictedStartMs' | 'backoffMs'>;

/** A task that comes in. */
export interface Newcomer {
  readonly record: TaskRecord;
  readonly pool: Pool;
  /** How likely it starts at all, from 0 to 1; default 1. */
  readonly startChance?: number;
  /** The queue has given it out, so that it never waits and is {@link TaskLifecycle.claimed} next; default false. */
  readonly isGivenOut?: boolean;
}

/** Carries out what the queue has decided: state, stream, session, metrics and events of a task change here and only here. */
export class TaskLifecycle {
  readonly #options: TaskLifecycleOptions;

  constructor(options: TaskLifecycleOptions) {
    this.#options = options;
  }

  /** The queue has accepted the task. The first of submit and claim to notice writes the answer; it never changes. */
  admitted({ record, pool, startChance = 1, isGivenOut }: Newcomer, figures: AdmissionFigures): AdmissionAnswer {
    if (record.admission !== undefined) return record.admission;
    const { id, jobId, poolId, sampling, priority } = record.task;
    const { seed } = sampling;
    const { queuePosition, predictedStartMs, backoffMs } = figures;
    record.admission = { taskId: id, jobId, poolId, state: 'queued', queuePosition, predictedStartMs, backoffMs, seed };
    record.log.start(startedChunk(record.task, record.admission));
    const { meter } = this.#options.ports;
    meter.add('tasks_enqueued_total', { pool_id: poolId, priority }, 1);
    if (predictedStartMs === undefined) meter.add('predictions_omitted_total', { pool_id: poolId }, 1);
    if (isGivenOut !== true) {
      pool.joined(record, { startChance });
      this.armDeadline(record);
    }
    this.#publish(record);
    return record.admission;
  }

  /** Another process had admitted the task, and it waits again. */
  restored(
    record: TaskRecord,
    pool: Pool | undefined,
    { admission, attempts, runs = [], delivered }: RecoveredTask,
  ): void {
    const { task, log } = record;
    record.admission = admission;
    record.delivered = delivered;
    log.start(startedChunk(task, admission));
    if (attempts > 0 || runs.length > 0) log.rebuild(task.maxTokens);
    for (let index = 0; index < Math.max(attempts, runs.length); index += 1) {
      record.earlier.push({ reason: 'RESTART', ...runs[index] });
    }
    record.attempt = record.earlier.length;
    pool?.joined(record);
    // Who was before it when it came is not known in this process.
    record.expectedStarts = undefined;
    this.armDeadline(record);
    this.#publish(record);
  }

  /** The queue has moved it to the end of this priority, or has given it out with it. */
  reprioritized(record: TaskRecord, pool: Pool | undefined, priority: Priority): void {
    if (record.task.priority === priority) return;
    const stands = record.waitingPlace !== undefined;
    if (stands) pool?.left(record);
    record.task = { ...record.task, priority };
    if (stands) pool?.joined(record);
    record.expectedStarts = undefined;
  }

  /** Watches the deadline of a waiting task, if it has one. */
  armDeadline(record: TaskRecord): void {
    const { deadlineAtMs, acceptedAtMs } = record.task;
    if (deadlineAtMs === undefined || record.state !== 'queued') return;
    const { clock } = this.#options.ports;
    // ORCH-1230: what has started was in time; it waits as long for its replay as it was ready to wait for its start.
    const waitMs = record.earlier.length > 0 ? deadlineAtMs - acceptedAtMs : deadlineAtMs - clock.nowMs();
    record.deadline?.cancel();
    record.deadline = clock.setTimer(Math.max(0, waitMs), () => this.#options.onDeadline(record));
  }

  /** The queue gave out the right to run it. */
  claimed(record: TaskRecord, pool: Pool): void {
    this.#move(record, 'claim');
    record.deadline?.cancel();
    record.deadline = undefined;
    pool.claimed(record);
    pool.drain.left(this.#options.ports.clock.nowMs(), pool.waiting.interactive + pool.waiting.batch);
    if (record.share !== undefined) this.#options.keys.countWaiting(record.share, -1);
  }

  /** An engine is about to get it. */
  handedOver(record: TaskRecord, place: JobPlace): void {
    const { clock, meter } = this.#options.ports;
    const { task, figures, admission } = record;
    const queueTimeMs = clock.nowMs() - task.acceptedAtMs;
    const isFirst = figures.queueTimeMs === undefined && record.earlier.length === 0;
    record.attempt = record.earlier.length + 1;
    record.replicaId = place.replicaId;
    record.placementReason = place.reason;
    figures.queueTimeMs = queueTimeMs;
    if (record.attempt > 1) meter.add('tasks_replayed_total', { pool_id: task.poolId }, 1);
    if (isFirst && admission?.predictedStartMs !== undefined) {
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
    pool.joined(record, { isBack: true });
    if (record.share !== undefined) this.#options.keys.countWaiting(record.share, 1);
    this.#publish(record);
  }

  /** What is to be told when the task ends so. */
  conclude(record: TaskRecord, end: TaskEnd, result?: JobResult): Conclusion {
    return concludeTask({ record, end, result }, this.#options.ports);
  }

  /** What is to be kept when the task ends so; undefined where nothing outlives the process. */
  archive(record: TaskRecord, conclusion: Conclusion): TaskArchive | undefined {
    const { store, ports } = this.#options;
    const { admission } = record;
    if (store === undefined || admission === undefined) return undefined;
    return archiveOf(record, conclusion, { admission, endedAt: ports.clock.wallNowMs() });
  }

  /**
   * The queue has decided the end, without an archive: the task waited. Every later call changes nothing.
   */
  endedWaiting(record: TaskRecord, pool: Pool | undefined, end: TaskEnd): void {
    if (record.ended) return;
    const conclusion = this.conclude(record, end);
    const archive = this.archive(record, conclusion);
    if (archive !== undefined) this.#options.store?.keepArchive(archive);
    this.ended(record, pool, conclusion);
  }

  /** The queue has decided the end, and the slot is free if there was one. Every later call changes nothing. */
  ended(record: TaskRecord, pool: Pool | undefined, conclusion: Conclusion): void {
    if (record.ended) return;
    const { outcome } = conclusion;
    const waited = record.state === 'queued';
    this.#move(record, eventOf(outcome, waited));
    if (waited) pool?.left(record);
    if (waited && record.share !== undefined) this.#options.keys.countWaiting(record.share, -1);
    record.deadline?.cancel();
    record.deadline = undefined;
    this.#keepConclusion(record, conclusion);
    if (outcome === 'canceled') record.log.cutTokens();
    record.log.seal(terminalOf(record, conclusion));
    this.settleShare(record, conclusion);
    this.#endTurn(record, conclusion);
    this.#countEnd(record, outcome);
    this.#options.table.retire(record);
    record.announceEnd();
    this.#publish(record);
  }

  /**
   * Charges the key for what the task used, once. Asked for in the turn in which the end is brought before the queue, the
   * charge is committed with the end.
   */
  settleShare(record: TaskRecord, conclusion: Conclusion): void {
    const { share } = record;
    if (share === undefined || record.shareSettled) return;
    record.shareSettled = true;
    this.#options.keys.settle(share, settleAmounts(record, conclusion));
  }

  #keepConclusion(record: TaskRecord, conclusion: Conclusion): void {
    const { totalTimeMs, result, error, finishReason, usage, receipt, products } = conclusion;
    record.figures.totalTimeMs = totalTimeMs;
    record.error = error;
    record.finishReason = finishReason;
    record.usage = usage;
    record.receipt = receipt;
    if (result?.end === undefined) return;
    record.figures.decodeTimeMs = result.end.decodeTimeMs;
    if (products !== undefined) record.products = products;
  }

  #endTurn(record: TaskRecord, conclusion: Conclusion): void {
    const { turn } = record;
    if (turn === undefined) return;
    const used = settleAmounts(record, conclusion);
    this.#options.sessions.endTurn(turn, { used, nowMs: this.#options.ports.clock.nowMs() });
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
    const { id: taskId, poolId, keyId } = task;
    const at = this.#options.ports.clock.wallNowMs();
    this.#options.emit({ kind: 'task', at, taskId, poolId, state, keyId, code: error?.code });
  }
}

function eventOf(outcome: TaskEnd['outcome'], waited: boolean): TaskEvent {
  switch (outcome) {
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
