// SPDX-License-Identifier: MIT
import { OrchError, type ErrorPhase } from '@llama-orch/worker-adapter-api';
import { checkEngine } from '../admission/check-engine.ts';
import type { SlotHolder } from '../pool/occupancy.ts';
import type { Pool } from '../pool/pool.ts';
import type { Replica } from '../pool/replica.ts';
import type { CorePorts } from '../ports.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { TaskStore } from '../store/task-store.ts';
import type { PieceSink } from '../stream/piece-sink.ts';
import type { JobResult } from '../task/conclusion.ts';
import type { JobPlace, TaskLifecycle } from '../task/task-lifecycle.ts';
import type { EngineIdentity, Task } from '../task/task.ts';
import { Delivery } from './delivery.ts';
import { countJobEnd, countJobStart } from './job-metrics.ts';
import { JobRun, type JobOutcome } from './job-run.ts';
import type { Job, JobSettler } from './job-settler.ts';
import { JobSupervisor } from './job-supervisor.ts';
import { noteContext } from './note-context.ts';
import { placeJob } from './place-job.ts';
import { attemptAt, pinOf, REASONS, Replays, runsAlone } from './replays.ts';
import { waitBeside } from './side-wait.ts';
import { workerRequestOf } from './worker-request-of.ts';

/** A job that engines refuse before its first token goes back to the queue this often before it fails. */
export const MAX_RELEASES = 3;
/** Statistics are kept when so many jobs have ended since the last time ... */
const KEEP_STATISTICS_COUNT = 16;
/** ... and so much time has passed: they are a long text. */
const KEEP_STATISTICS_INTERVAL_MS = 5_000;
/** Wait after the store refused to remember an execution. */
const STORE_FAULT_PAUSE_MS = 1_000;

/** What running jobs needs. */
export interface JobExecutorOptions {
  readonly ports: CorePorts;
  readonly pool: Pool;
  readonly lifecycle: TaskLifecycle;
  readonly sessions: SessionTable;
  readonly settler: JobSettler;
  readonly store: TaskStore | undefined;
  readonly abortGraceMs: number;
}

/** Runs claimed jobs on the replicas of one pool. */
export class JobExecutor {
  readonly #options: JobExecutorOptions;
  readonly #replays: Replays;
  readonly #supervisor: JobSupervisor;
  readonly #runs = new Set<JobRun>();
  /** Jobs learned from since statistics were kept. */
  #learnedCount = 0;
  #statisticsKeptAtMs = -Infinity;

  constructor(options: JobExecutorOptions) {
    this.#options = options;
    this.#replays = new Replays(options);
    this.#supervisor = new JobSupervisor(options);
  }

  /**
   * Starts the job and resolves when it is over; undefined, with nothing done, when no replica can take it. A job that
   * waits for its engine to come back is given back when `stopped` aborts.
   */
  start(job: Job, stopped: AbortSignal): Promise<void> | undefined {
    const { pool, settler } = this.#options;
    const { record } = job;
    const pin = pinOf(record);
    if (pin !== undefined && pool.state === 'ready' && !pool.serves(pin)) return this.#park(job, pin, stopped);
    const isAlone = runsAlone(record);
    const { sessions, ports } = this.#options;
    const place = placeJob(record.task, { pool, sessions, nowMs: ports.clock.nowMs(), isAlone });
    if (place === undefined) return undefined;
    // ORCH-3442: a task accepted while the pool was loading meets the engine's limits here.
    const problem = checkEngine(record.task, place.props);
    if (problem !== undefined) return settler.settle(job, { outcome: 'failed', error: problem.inPhase('running') });
    const seat = { place, stopped };
    return isAlone ? this.#occupyAlone(job, seat) : this.#occupy(job, seat);
  }

  /** Stops what runs, so that it can be executed again, here or by another process. */
  interrupt(): void {
    for (const run of this.#runs) run.interrupt();
  }

  /** ORCH-1230: a replay runs on the engine it began on; while none is there, the job waits beside the line. */
  async #park(job: Job, pin: EngineIdentity, stopped: AbortSignal): Promise<void> {
    const { pool, settler } = this.#options;
    const until = (signal: AbortSignal): Promise<void> => pool.whenServes(pin, signal);
    if (await waitBeside(job, this.#options, { reason: 'engine_return', until, stopped })) await settler.putBack(job);
  }

  /** ORCH-1239: nothing new starts there until the job has run, and it starts once what runs there is over. */
  async #occupyAlone(job: Job, seat: Seat): Promise<void> {
    const { place, stopped } = seat;
    const { replica } = place;
    const { pool, lifecycle, settler } = this.#options;
    const release = replica.reserve();
    try {
      if (replica.slotsBusy > 0) {
        const until = (signal: AbortSignal): Promise<void> => pool.whenIdle(replica, signal);
        if (!(await waitBeside(job, this.#options, { reason: 'empty_replica', until, stopped }))) return;
        if (stopped.aborted || replica.slotsBusy > 0 || replica.state !== 'ready') {
          await settler.putBack(job);
          return;
        }
        lifecycle.claimed(job.record, pool);
      }
      await this.#occupy(job, seat);
    } finally {
      release();
    }
  }

  /** Holds the slot until the engine lets go of the job. */
  #occupy(job: Job, { place, stopped }: Seat): Promise<void> {
    const { pool, store } = this.#options;
    place.replica.takeSlot();
    const holder = pool.occupancy.hold(job.record.task);
    const free = (): void => {
      if (pool.occupancy.leave(holder)) place.replica.giveSlotBack();
    };
    const occupied = { place, holder, free };
    if (store === undefined) return this.#execute(job, occupied);
    return this.#note(job, place, store).then((isNoted) => {
      if (isNoted && job.lease.loss === undefined && !stopped.aborted) return this.#execute(job, occupied);
      free();
      return this.#giveBack(job);
    });
  }

  /** Remembers the execution that is about to begin; false when that cannot be. */
  async #note({ lease, record }: Job, place: JobPlace, store: TaskStore): Promise<boolean> {
    try {
      // ORCH-1235: an engine that takes this process down with it must not get the job unnoticed.
      await store.keepAttempts(lease, [...record.earlier, attemptAt(place)]);
      return true;
    } catch (fault) {
      const { ports, pool } = this.#options;
      const human = 'The store did not take an execution, so it does not begin.';
      ports.logger.log('warn', human, { pool_id: pool.id, cause: String(fault) });
      const { promise, resolve } = Promise.withResolvers<undefined>();
      ports.clock.setTimer(STORE_FAULT_PAUSE_MS, () => resolve(undefined));
      await promise;
      return false;
    }
  }

  async #execute(job: Job, occupied: Occupied): Promise<void> {
    const execution = this.#begin(job, occupied);
    const outcome = await execution.run.execute();
    const result = this.#end(job, execution, outcome);
    await this.#conclude(job, outcome, result);
    countJobEnd(this.#options.ports.meter, job.record, result);
  }

  #begin(job: Job, { place, holder, free }: Occupied): Execution {
    const { ports, lifecycle } = this.#options;
    const { record } = job;
    lifecycle.handedOver(record, place);
    countJobStart(ports.meter, record, place);
    const sink = this.#replays.sinkFor(job);
    const run = this.#makeRun(record.task, place.replica, sink);
    holder.run = run;
    job.run = run;
    this.#runs.add(run);
    const unwatch = this.#supervisor.watch(run);
    return { run, sink, place, holder, free, unwatch, unfollow: this.#replays.follow(job, sink) };
  }

  /** What is to be done before anybody hears of the outcome. */
  #end(job: Job, { run, sink, place, holder, free, unwatch, unfollow }: Execution, outcome: JobOutcome): JobResult {
    const { ports, sessions } = this.#options;
    const { record } = job;
    const { replica } = place;
    unwatch();
    unfollow?.();
    this.#runs.delete(run);
    job.run = undefined;
    const { firstTokenAtMs } = run;
    if (firstTokenAtMs !== undefined) record.figures.firstTokenMs ??= firstTokenAtMs - record.task.acceptedAtMs;
    const nowMs = ports.clock.nowMs();
    record.engineMs += nowMs - holder.sinceMs;
    this.#judge(replica, outcome);
    noteContext(record, { replica, outcome, sessions, nowMs });
    if (sink instanceof Delivery) record.delivered = sink.delivered;
    if (outcome.kind === 'ended') this.#learn(holder, nowMs);
    run.whenFree(free);
    return resultOf(outcome, place, run);
  }

  #learn(holder: SlotHolder, endedAtMs: number): void {
    const { pool, store } = this.#options;
    pool.occupancy.learn(holder, endedAtMs);
    this.#learnedCount += 1;
    if (this.#learnedCount < KEEP_STATISTICS_COUNT) return;
    if (endedAtMs - this.#statisticsKeptAtMs < KEEP_STATISTICS_INTERVAL_MS) return;
    this.#learnedCount = 0;
    this.#statisticsKeptAtMs = endedAtMs;
    store?.keepStatistics(pool.id, pool.statistics);
  }

  #makeRun(task: Task, replica: Replica, sink: PieceSink): JobRun {
    const { clock } = this.#options.ports;
    return new JobRun({ clock, supervisor: this.#supervisor, replica, request: workerRequestOf(task), sink });
  }

  /** What the outcome says about the engine; before the slot is free, so that no job meets a broken one. */
  #judge(replica: Replica, outcome: JobOutcome): void {
    if (outcome.kind === 'ended') replica.praise();
    if (outcome.kind !== 'failed' || outcome.final) return;
    const { code, message } = outcome.error;
    if (code !== 'WORKER_RESET' && code !== 'POOL_UNREADY' && code !== 'REPLICA_EXHAUSTED') return;
    this.#options.sessions.coolReplica(replica.id);
    replica.suspect(message);
  }

  #conclude(job: Job, outcome: JobOutcome, result: JobResult): Promise<void> {
    const { settler } = this.#options;
    if (outcome.kind === 'ended') return settler.settle(job, { outcome: 'completed' }, result);
    if (outcome.kind === 'aborted') return settler.settle(job, { outcome: 'canceled' }, result);
    if (outcome.kind === 'interrupted') return this.#handOn(job, result);
    const { record } = job;
    const { error } = outcome;
    const isRefusal = error.code === 'POOL_UNREADY' || error.code === 'REPLICA_EXHAUSTED';
    const refused = isRefusal && result.acceptedPieces === 0;
    // ORCH-3471: a refusal before the first token costs the task nothing but time, up to a bound.
    if (refused && record.releases < MAX_RELEASES) {
      record.releases += 1;
      return this.#giveBack(job);
    }
    const end = outcome.final ? error : this.#replays.judge(job, result.place, error);
    // ORCH-1234: the readers stay, and another replica or the restarted one carries on.
    if (end === undefined) return this.#giveBack(job);
    const phase: ErrorPhase = refused ? 'queued' : 'running';
    return settler.settle(job, { outcome: 'failed', error: end.inPhase(phase) }, result);
  }

  /** Whoever gives out tasks next goes on with the job, unless that could change what readers have. */
  #handOn(job: Job, result: JobResult): Promise<void> {
    const { record } = job;
    if (record.task.determinism === 'strict') {
      record.earlier.push({ ...attemptAt(result.place), reason: REASONS.stop });
    } else if (record.log.tokenCount > 0) {
      const message = 'The service or the pool stopped before the job had ended.';
      const error = new OrchError('WORKER_RESET', { message, phase: 'running' });
      return this.#options.settler.settle(job, { outcome: 'failed', error }, result);
    }
    return this.#giveBack(job);
  }

  #giveBack(job: Job): Promise<void> {
    if (job.lease.loss !== undefined) return this.#options.settler.settle(job, { outcome: 'canceled' });
    this.#replays.keep(job);
    return this.#options.settler.release(job);
  }
}

interface Seat {
  readonly place: JobPlace;
  /** Nothing more is started. */
  readonly stopped: AbortSignal;
}

interface Occupied extends Omit<Seat, 'stopped'> {
  readonly holder: SlotHolder;
  readonly free: () => void;
}

interface Execution extends Occupied {
  readonly run: JobRun;
  readonly sink: PieceSink;
  readonly unwatch: () => void;
  readonly unfollow: (() => void) | undefined;
}

function resultOf(outcome: JobOutcome, place: JobPlace, run: JobRun): JobResult {
  return {
    place,
    end: outcome.kind === 'ended' || outcome.kind === 'aborted' ? outcome.end : undefined,
    finishReason: outcome.kind === 'ended' ? outcome.finishReason : undefined,
    acceptedTokens: run.acceptedTokens,
    acceptedPieces: run.acceptedPieces,
  };
}
