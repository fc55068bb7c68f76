// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { placeJob } from '../dispatch/place-job.ts';
import type { StartForecast } from '../estimate/start-forecast.ts';
import type { Pool } from '../pool/pool.ts';
import type { CorePorts } from '../ports.ts';
import type { Preview, TaskQueue } from '../queue/task-queue.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { JobId, TaskId } from '../task/ids.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { TaskTable } from '../task/task-table.ts';
import type { Caller, Task, TaskRequest } from '../task/task.ts';
import { hangsOnSlots, whyWaiting } from '../waiting/why-waiting.ts';
import {
  applicantOf,
  backoffMs,
  closedError,
  queueRefusal,
  resolve,
  taskOf,
  type Applicant,
  type ResolveOptions,
} from './applicant.ts';
import { checkPrompt } from './check-prompt.ts';
import { choosePool } from './choose-pool.ts';
import type { Refusal } from './refusal.ts';
import type { Shares } from './shares.ts';
import type { PoolReason, TaskPlan } from './task-plan.ts';

/** What planning asks. */
export interface PlannerOptions extends ResolveOptions {
  readonly ports: Pick<CorePorts, 'clock' | 'digest'>;
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly sessions: SessionTable;
  readonly shares: Shares;
  readonly store: TaskStore | undefined;
  /** True once new tasks are refused. */
  readonly isClosed: () => boolean;
}

/** A newcomer's place in a pool. */
interface Newcomer {
  readonly task: Task;
  readonly pool: Pool;
  readonly preview: Extract<Preview, { outcome: 'accepted' }>;
}

/** ORCH-1280: asks everything a submit would ask, in the same order, and changes nothing. */
export class Planner {
  readonly #options: PlannerOptions;

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /** What would become of the request if it were submitted now. */
  async plan(request: TaskRequest, caller: Caller): Promise<TaskPlan> {
    const { table, ports, store } = this.#options;
    const applicant = applicantOf(request, caller, ports.digest);
    const { taskId } = request;
    const known = taskId === undefined ? undefined : table.get(taskId);
    if (known !== undefined) return this.#again(known, applicant);
    const plan = await this.#decide(applicant);
    if (plan.admitted || taskId === undefined) return plan;
    const archive = await store?.archive(taskId);
    return archive === undefined ? plan : this.#again(archive, applicant);
  }

  async #again(known: Pick<TaskRecord, 'task' | 'admission'>, { fingerprint }: Applicant): Promise<TaskPlan> {
    const { task, admission } = known;
    if (task.fingerprint !== fingerprint || admission === undefined) {
      return refused({ error: new OrchError('TASK_CONFLICT') });
    }
    const reason = 'It was accepted before, and a submit would be answered as then.';
    return { admitted: true, reason, poolId: task.poolId };
  }

  async #decide(applicant: Applicant): Promise<TaskPlan> {
    const { keys, shares, queue, ports, isClosed } = this.#options;
    if (isClosed()) return refused({ error: closedError() });
    const limited = keys.rateRefusalOf(applicant.caller.keyId);
    if (limited !== undefined) return refused(limited);
    const resolution = resolve(applicant, this.#options, () => 0);
    if (resolution.outcome === 'refused') return refused(resolution, this.#poolPart(applicant, resolution.pool));
    const { pool, resolved } = resolution;
    const task = this.#taskOf(applicant, resolved);
    const place = this.#poolPart(applicant, pool);
    const misfit = await checkPrompt({ task, applicant, pool, clock: ports.clock });
    if (misfit !== undefined) return refused({ error: misfit }, place);
    const refusal = shares.whyNot(task, pool);
    if (refusal !== undefined) return refused(refusal, place);
    const preview = await queue.preview(task);
    if (preview.outcome !== 'accepted') return refused(queueRefusal(preview, pool, task), place);
    return { ...place, ...(await this.#admitted({ task, pool, preview })) };
  }

  async #admitted({ task, pool, preview }: Newcomer): Promise<TaskPlan> {
    const { queue } = this.#options;
    const { position, hold } = preview;
    const { leased } = await queue.snapshot(pool.id);
    const forecast = hangsOnSlots(hold)
      ? pool.forecast({ of: task.priority, position, leasedCount: leased })
      : undefined;
    const placement = forecast?.medianMs === 0 ? this.#placement(task, pool) : undefined;
    const start = { admitted: true, queuePosition: position, ...startOf(task, forecast) };
    if (placement !== undefined) {
      return { ...start, reason: `It would start now on replica ${placement.replicaId}.`, backoffMs: 0, placement };
    }
    const waitingFor = whyWaiting(pool, { position, hold, beside: undefined });
    const reason = `It would wait. ${waitingFor.message}`;
    return { ...start, reason, backoffMs: backoffMs(task, pool, 1), waitingFor };
  }

  /** Under an id that nobody else has: only a submit makes one. */
  #taskOf(applicant: Applicant, resolved: Parameters<typeof taskOf>[1]): Task {
    const { clock } = this.#options.ports;
    const id = applicant.request.taskId ?? ('' as TaskId);
    const acceptedAtMs = clock.nowMs();
    return taskOf(applicant, resolved, { id, jobId: '' as JobId, acceptedAtMs, createdAt: clock.wallNowMs() });
  }

  #poolPart({ request }: Applicant, pool: Pool | undefined): Pick<TaskPlan, 'poolId' | 'poolReason'> {
    return pool === undefined ? {} : { poolId: pool.id, poolReason: this.#poolReason(request, pool) };
  }

  #poolReason(request: TaskRequest, pool: Pool): PoolReason {
    if (request.poolId !== undefined) return 'pinned';
    const others = [...this.#options.pools.values()].filter((other) => other !== pool).map((other) => other.facts());
    return others.length === 0 || OrchError.is(choosePool(request, others)) ? 'only_fit' : 'first_fit';
  }

  #placement(task: Task, pool: Pool): TaskPlan['placement'] {
    const { sessions, ports } = this.#options;
    const place = placeJob(task, { pool, sessions, nowMs: ports.clock.nowMs(), isAlone: false });
    return place === undefined ? undefined : { replicaId: place.replicaId, reason: place.reason };
  }
}

function startOf(
  { deadlineAtMs, acceptedAtMs }: Task,
  forecast: StartForecast | undefined,
): Pick<TaskPlan, 'predictedStartMs' | 'onTimeProbability'> {
  if (forecast === undefined) return {};
  const predictedStartMs = forecast.medianMs;
  if (deadlineAtMs === undefined) return { predictedStartMs };
  return { predictedStartMs, onTimeProbability: forecast.onTimeProbability(deadlineAtMs - acceptedAtMs) };
}

function refused({ error, policyLabel }: Refusal, place: Partial<TaskPlan> = {}): TaskPlan {
  const refusal = { error: error.inPhase('admission'), ...(policyLabel === undefined ? {} : { policyLabel }) };
  return { ...place, admitted: false, reason: error.message, refusal };
}
