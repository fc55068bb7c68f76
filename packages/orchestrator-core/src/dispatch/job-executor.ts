// SPDX-License-Identifier: MIT
import type { ErrorPhase, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { checkEngine } from '../admission/check-engine.ts';
import type { Pool } from '../pool/pool.ts';
import type { Replica } from '../pool/replica.ts';
import type { CorePorts } from '../ports.ts';
import { pickWorker } from '../scheduling/pick-worker.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { JobPlace, JobResult, TaskLifecycle } from '../task/task-lifecycle.ts';
import type { Task } from '../task/task.ts';
import { startJobMetrics } from './job-metrics.ts';
import { JobRun, type JobOutcome } from './job-run.ts';
import type { Job, JobSettler } from './job-settler.ts';

/** A job that engines refuse before its first token goes back to the queue this often before it fails. */
export const MAX_RELEASES = 3;

/** What running jobs needs. */
export interface JobExecutorOptions {
  readonly ports: CorePorts;
  readonly pool: Pool;
  readonly lifecycle: TaskLifecycle;
  readonly sessions: SessionTable;
  readonly settler: JobSettler;
  readonly abortGraceMs: number;
}

/** Runs claimed jobs on the replicas of one pool. */
export class JobExecutor {
  readonly #options: JobExecutorOptions;

  constructor(options: JobExecutorOptions) {
    this.#options = options;
  }

  /** Starts the job and resolves when it is over; undefined, with nothing done, when no replica can take it. */
  start(job: Job): Promise<void> | undefined {
    const { pool, settler } = this.#options;
    const { task } = job.record;
    const place = this.#place(task);
    const replica = pool.replicas.find(({ id }) => id === place?.replicaId);
    if (place === undefined || replica === undefined) return undefined;
    // ORCH-3442: a task accepted while the pool was loading meets the engine's limits here.
    const problem = checkEngine(task, place.props);
    if (problem !== undefined) return settler.settle(job, { outcome: 'failed', error: problem.inPhase('running') });
    return this.#execute(job, place, replica);
  }

  #place(task: Task): JobPlace | undefined {
    const { pool, sessions, ports } = this.#options;
    const session = task.sessionId === undefined ? undefined : sessions.get(task.sessionId, ports.clock.nowMs());
    const candidates = pool.replicas.map((replica) => ({
      replicaId: replica.id,
      ready: replica.state === 'ready',
      slots: replica.props?.slots ?? 0,
      slotsBusy: replica.slotsBusy,
    }));
    const affinity = session?.replicaId;
    const choice = pickWorker(candidates, affinity === undefined ? {} : { affinity });
    if (choice.outcome === 'none') return undefined;
    const { replicaId, reason } = choice;
    const props = pool.replicas.find(({ id }) => id === replicaId)?.props;
    const kvWarmth = session?.kvWarmth === true && affinity === replicaId && task.kvHint === 'reuse';
    return props === undefined ? undefined : { pool, replicaId, props, reason, kvWarmth };
  }

  async #execute({ lease, record }: Job, place: JobPlace, replica: Replica): Promise<void> {
    const { ports, pool, lifecycle, abortGraceMs } = this.#options;
    const { task, log } = record;
    const sinceMs = ports.clock.nowMs();
    const freeSlot = replica.takeSlot();
    const { expectedTokens } = task;
    const leave = pool.jobStarted({ sinceMs, ...(expectedTokens === undefined ? {} : { expectedTokens }) });
    lifecycle.handedOver(record, place);
    const finish = startJobMetrics(ports.meter, { ...place, poolId: pool.id, priority: task.priority });
    const run = new JobRun({ clock: ports.clock, abortGraceMs, replica, request: workerRequest(task), log });
    const cancel = (): void => {
      log.cutTokens();
      run.cancel();
    };
    lease.lost.addEventListener('abort', cancel, { once: true });
    void run.slotFree.then(() => {
      leave();
      freeSlot();
    });
    const outcome = await run.execute();
    lease.lost.removeEventListener('abort', cancel);
    if (run.firstTokenAtMs !== undefined) record.figures.firstTokenMs = run.firstTokenAtMs - task.acceptedAtMs;
    const serviceTimeMs = ports.clock.nowMs() - sinceMs;
    this.#judge(replica, outcome);
    const result = resultOf(outcome, place, run.acceptedTokens);
    await this.#conclude({ lease, record }, outcome, result);
    const { usage, figures } = record;
    finish({ tokensIn: usage?.tokensIn ?? 0, tokensOut: usage?.tokensOut ?? run.acceptedTokens, ...figures });
    if (outcome.kind === 'ended') pool.estimator.recordService({ serviceTimeMs, tokensOut: run.acceptedTokens });
  }

  /** What the outcome says about the engine; before the slot is free, so that no job meets a broken one. */
  #judge(replica: Replica, outcome: JobOutcome): void {
    if (outcome.kind === 'ended') replica.praise();
    if (outcome.kind !== 'failed') return;
    const { code, message } = outcome.error;
    if (code !== 'WORKER_RESET' && code !== 'POOL_UNREADY' && code !== 'REPLICA_EXHAUSTED') return;
    this.#options.sessions.coolReplica(replica.id);
    replica.suspect(message);
  }

  #conclude(job: Job, outcome: JobOutcome, result: JobResult): Promise<void> {
    const { settler } = this.#options;
    if (outcome.kind === 'ended') return settler.settle(job, { outcome: 'completed' }, result);
    if (outcome.kind === 'aborted') return settler.settle(job, { outcome: 'canceled' }, result);
    const { record } = job;
    const { error } = outcome;
    const refused = error.code === 'POOL_UNREADY' || error.code === 'REPLICA_EXHAUSTED';
    const untouched = record.log.tokenCount === 0;
    // ORCH-3471: a refusal before the first token costs the task nothing but time, up to a bound.
    if (refused && untouched && record.releases < MAX_RELEASES) {
      record.releases += 1;
      return settler.release(job);
    }
    const phase: ErrorPhase = refused && untouched ? 'queued' : 'running';
    return settler.settle(job, { outcome: 'failed', error: error.inPhase(phase) }, result);
  }
}

function resultOf(outcome: JobOutcome, place: JobPlace, acceptedTokens: number): JobResult {
  return {
    place,
    end: outcome.kind === 'failed' ? undefined : outcome.end,
    finishReason: outcome.kind === 'ended' ? outcome.finishReason : undefined,
    acceptedTokens,
  };
}

function workerRequest(task: Task): WorkerRequest {
  const { jobId, sessionId, input, maxTokens, sampling, responseFormat, determinism, kvHint } = task;
  return {
    jobId,
    ...(sessionId === undefined ? {} : { sessionId }),
    input,
    maxTokens,
    sampling,
    ...(responseFormat === undefined ? {} : { responseFormat }),
    determinism,
    kvHint,
  };
}
