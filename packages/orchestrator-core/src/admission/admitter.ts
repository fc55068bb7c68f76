// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { ControlEvent, Submission } from '../orchestrator-api.ts';
import type { Pool } from '../pool/pool.ts';
import { STARTS_NOW, type StartForecast } from '../estimate/start-forecast.ts';
import type { CorePorts } from '../ports.ts';
import type { AcceptedAdmission, Admission, RefusedAdmission, TaskQueue } from '../queue/task-queue.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { JobId, TaskId } from '../task/ids.ts';
import type { TaskEnder } from '../task/task-ender.ts';
import type { TaskLifecycle } from '../task/task-lifecycle.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { TaskTable } from '../task/task-table.ts';
import type { Caller, Task, TaskRequest } from '../task/task.ts';
import { hangsOnSlots } from '../waiting/why-waiting.ts';
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
import { seedFrom, type ResolvedTask } from './check-task.ts';
import type { Refusal } from './refusal.ts';
import type { Shares } from './shares.ts';

/** A power of two, so that adding it is exact. */
const TICK_MS = 1 / 1_024;

/** What admission needs. */
export interface AdmitterOptions extends ResolveOptions {
  readonly ports: CorePorts;
  readonly queue: TaskQueue;
  readonly table: TaskTable;
  readonly lifecycle: TaskLifecycle;
  readonly shares: Shares;
  readonly ender: TaskEnder;
  /** Absent where nothing outlives the process. */
  readonly store: TaskStore | undefined;
  readonly emit: (event: ControlEvent) => void;
}

/** What was decided, before anybody is told. */
type Decision =
  | Extract<Submission, { outcome: 'accepted' | 'repeated' }>
  | ({ readonly outcome: 'refused'; readonly pool: Pool | undefined; readonly task?: Task } & Refusal);

/** Decides who comes in: known ids, checks, session turn, deadline, and last the queue with its bound. */
export class Admitter {
  readonly #options: AdmitterOptions;
  /** Submits under a client's id that have not been decided yet. */
  readonly #undecided = new Map<TaskId, Promise<Submission>>();
  #closed = false;
  #lastCreatedAt = 0;

  constructor(options: AdmitterOptions) {
    this.#options = options;
  }

  /** Refuses everything new from now on. */
  close(): void {
    this.#closed = true;
  }

  /** True once new tasks are refused. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Decides admission; a refusal has stored nothing. */
  submit(request: TaskRequest, caller: Caller): Promise<Submission> {
    return this.#submit(applicantOf(request, caller, this.#options.ports.digest));
  }

  #submit(applicant: Applicant): Promise<Submission> {
    const { ids } = this.#options.ports;
    const { taskId = ids.nextUuid() as TaskId } = applicant.request;
    const other = this.#undecided.get(taskId);
    // ORCH-3430: submits of one id are decided one after the other, so that all but the first see its outcome.
    if (other !== undefined) return other.then(() => this.#submit(applicant));
    const known = this.#options.table.get(taskId);
    if (known !== undefined) return this.#repeat(known, applicant.fingerprint);
    const submission = this.#decideUnknown(applicant, taskId);
    this.#undecided.set(taskId, submission);
    return submission;
  }

  #again({ task, admission }: Pick<TaskRecord, 'task' | 'admission'>, fingerprint: string): Submission {
    if (task.fingerprint !== fingerprint || admission === undefined)
      return this.#tell(reject(new OrchError('TASK_CONFLICT')));
    return { outcome: 'repeated', answer: admission, budget: this.#budgetOf(task) };
  }

  /** The first answer again, and no sooner than the task is kept: the store may have refused it then. ORCH-1202 */
  async #repeat(record: TaskRecord, fingerprint: string): Promise<Submission> {
    const submission = this.#again(record, fingerprint);
    if (submission.outcome !== 'repeated') return submission;
    try {
      await this.#options.store?.keepAdmission(submission.answer);
      return submission;
    } catch (fault) {
      return this.#tell(reject(storeError(fault)));
    }
  }

  async #decideUnknown(applicant: Applicant, id: TaskId): Promise<Submission> {
    try {
      const decision = await this.#decide(applicant, id);
      if (decision.outcome !== 'refused') return this.#tell(decision);
      // ORCH-1225: a refusal may be that of a task which only the store remembers.
      const isNamed = applicant.request.taskId !== undefined;
      const archive = isNamed ? await this.#options.store?.archive(id) : undefined;
      return archive === undefined ? this.#tell(decision) : this.#again(archive, applicant.fingerprint);
    } finally {
      this.#undecided.delete(id);
    }
  }

  /** At once where neither an engine nor the queue has to be asked. */
  #decide(applicant: Applicant, id: TaskId): Decision | Promise<Decision> {
    const { ports, keys } = this.#options;
    if (this.#closed) return reject(closedError());
    const limited = keys.countRequest(applicant.caller.keyId);
    if (limited !== undefined) return { outcome: 'refused', pool: undefined, ...limited };
    const resolution = resolve(applicant, this.#options, () => seedFrom(ports.random.nextUint32()));
    if (resolution.outcome === 'refused') return resolution;
    const { pool, resolved } = resolution;
    const task = this.#makeTask(applicant, resolved, id);
    const misfit = checkPrompt({ task, applicant, pool, clock: ports.clock });
    if (misfit === undefined) return this.#enter(task, pool);
    return misfit.then((error) =>
      error === undefined ? this.#enter(task, pool) : { outcome: 'refused', pool, task, error },
    );
  }

  #enter(task: Task, pool: Pool): Decision | Promise<Decision> {
    const { table, shares } = this.#options;
    const record = table.ensure(task);
    const refusal = shares.take(record, pool);
    if (refusal === undefined) return this.#enqueue(record, pool);
    table.remove(record);
    return { outcome: 'refused', pool, task, ...refusal };
  }

  #makeTask(applicant: Applicant, resolved: ResolvedTask, id: TaskId): Task {
    const { clock, ids } = this.#options.ports;
    const jobId = ids.nextUuid() as JobId;
    return taskOf(applicant, resolved, { id, jobId, acceptedAtMs: clock.nowMs(), createdAt: this.#createdAt() });
  }

  /** Wall time, told apart where a millisecond has several tasks, so that it tells their order. */
  #createdAt(): number {
    const wallNowAt = this.#options.ports.clock.wallNowMs();
    this.#lastCreatedAt = Math.floor(this.#lastCreatedAt) === wallNowAt ? this.#lastCreatedAt + TICK_MS : wallNowAt;
    return this.#lastCreatedAt;
  }

  async #enqueue(record: TaskRecord, pool: Pool): Promise<Decision> {
    const { queue } = this.#options;
    const { task } = record;
    let admission: Admission;
    let answer: Decision | Promise<Decision> | undefined;
    try {
      admission = await queue.admit(task, (accepted) => {
        // ORCH-1204: the answer is committed with the task; but nobody is told of an eviction before that one is.
        if (accepted.evicted.length === 0) answer = this.#answer(record, pool, accepted);
      });
    } catch (fault) {
      this.#forget(record);
      return reject(storeError(fault), pool);
    }
    if (admission.outcome !== 'accepted') {
      this.#forget(record);
      return { outcome: 'refused', pool, task, ...this.#refusalOf(admission, pool, task) };
    }
    for (const evicted of admission.evicted) this.#evict(evicted, pool);
    answer ??= this.#answer(record, pool, admission);
    // The pool may have been taken away while the queue wrote.
    if (!this.#options.pools.has(pool.id)) await this.#options.ender.endUnavailable(record, pool);
    return answer;
  }

  /** What the client is told, once it is kept; never rejects. */
  #answer(record: TaskRecord, pool: Pool, admission: AcceptedAdmission): Decision | Promise<Decision> {
    const { lifecycle, store } = this.#options;
    const { task } = record;
    const forecast = forecastOf(task, pool, admission);
    const predictedStartMs = forecast?.medianMs;
    const startChance = startChanceOf(task, forecast);
    const answer = lifecycle.admitted(
      { record, pool, startChance, isGivenOut: admission.place === undefined },
      {
        queuePosition: admission.position,
        predictedStartMs,
        backoffMs: backoffMs(task, pool, predictedStartMs === 0 ? 0 : 1),
      },
    );
    const decision: Decision = { outcome: 'accepted', answer, budget: this.#budgetOf(task) };
    if (store === undefined) return decision;
    return store.keepAdmission(answer).then(
      () => decision,
      // The task is in, and stays in: a repeat finds it.
      (fault: unknown) => reject(storeError(fault), pool),
    );
  }

  #forget(record: TaskRecord): void {
    const { table, shares } = this.#options;
    // A queue that could not tell may have given the task out: then it is in.
    if (record.admission !== undefined) return;
    table.remove(record);
    shares.takeBack(record);
  }

  #evict(id: TaskId, pool: Pool): void {
    const { table, lifecycle, ports } = this.#options;
    ports.meter.add('admission_backpressure_events_total', { policy: pool.spec.limits.fullPolicy }, 1);
    const record = table.find(id);
    if (record === undefined) return;
    lifecycle.admitted({ record, pool }, { queuePosition: 0, backoffMs: 0 });
    lifecycle.endedWaiting(record, pool, { outcome: 'evicted' });
  }

  #refusalOf(admission: RefusedAdmission, pool: Pool, task: Task): Refusal {
    const { meter, clock } = this.#options.ports;
    const { fullPolicy: policy } = pool.spec.limits;
    const refusal = queueRefusal(admission, pool, task);
    if (admission.outcome !== 'full') return refusal;
    meter.add('admission_backpressure_events_total', { policy }, 1);
    pool.drain.book(clock.nowMs());
    return refusal;
  }

  #budgetOf(task: Task): Submission['budget'] {
    if (task.keyId === undefined && task.sessionId === undefined) return undefined;
    const budget = this.#options.shares.remaining(task);
    return Object.keys(budget).length === 0 ? undefined : budget;
  }

  /** Counts and publishes a refusal; anything else is passed on. */
  #tell(decision: Decision): Submission {
    if (decision.outcome !== 'refused') return decision;
    const { ports, emit } = this.#options;
    const { pool, task } = decision;
    const refusal = decision.error.inPhase('admission');
    const { code } = refusal;
    ports.meter.add('tasks_rejected_total', { reason: code }, 1);
    const at = ports.clock.wallNowMs();
    emit({ kind: 'rejection', at, code, poolId: pool?.id, keyId: task?.keyId });
    const { policyLabel } = decision;
    return { outcome: 'rejected', error: refusal, policyLabel, budget: task && this.#budgetOf(task) };
  }
}

/** When a newcomer starts; undefined when it cannot be believed. */
function forecastOf({ priority: of }: Task, pool: Pool, admission: AcceptedAdmission): StartForecast | undefined {
  const { position, place, leasedCount } = admission;
  if (place === undefined) return STARTS_NOW;
  if (!hangsOnSlots(place.hold)) return undefined;
  const isBehind = position >= pool.slotCount - pool.runningCount;
  // Who seems to find a free slot may have been overtaken to it by one the queue has just given out.
  return pool.forecast(isBehind ? { of, position } : { of, position: place.position, leasedCount });
}

/** ORCH-1270: whose deadline passes before its start keeps nobody waiting; where nothing is known it starts. */
function startChanceOf({ deadlineAtMs, acceptedAtMs }: Task, forecast: StartForecast | undefined): number {
  if (deadlineAtMs === undefined || forecast === undefined) return 1;
  return forecast.onTimeProbability(deadlineAtMs - acceptedAtMs);
}

function reject(error: OrchError, pool?: Pool): Decision {
  return { outcome: 'refused', error, pool };
}

/** Only a store that cannot write is an answer; anything else is a fault of the service. */
function storeError(fault: unknown): OrchError {
  if (OrchError.is(fault) && fault.code === 'STORE_UNAVAILABLE') return fault;
  throw fault;
}
