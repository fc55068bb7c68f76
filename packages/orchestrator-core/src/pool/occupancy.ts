// SPDX-License-Identifier: MIT
import { LineDrift } from '../estimate/line-drift.ts';
import type { JobWork } from '../estimate/service-sample.ts';
import { StartEstimator, type RunningJob } from '../estimate/start-estimator.ts';
import { STARTS_NOW, type StartForecast } from '../estimate/start-forecast.ts';
import { WaitingWork, workOf, type TasksAhead } from '../estimate/waiting-work.ts';
import type { Clock } from '../ports.ts';
import type { TaskRecord } from '../task/task-record.ts';
import type { Priority, Task } from '../task/task.ts';
import { WaitingAges } from './waiting-ages.ts';

/** How far the engine has come with a job. */
export interface RunProgress {
  /** Monotonic; undefined before the first token. */
  readonly firstTokenAtMs: number | undefined;
  readonly acceptedTokens: number;
}

/** A job that holds a slot. */
export interface SlotHolder {
  readonly work: JobWork;
  /** Monotonic. */
  readonly sinceMs: number;
  /** Absent until the engine has the job. */
  run?: RunProgress;
}

/** How a task comes to wait. */
export interface WayIn {
  /** It waited before. */
  readonly isBack: boolean;
  /** How likely it starts at all, from 0 to 1. */
  readonly startChance: number;
}

/** For whom a start is predicted. */
export interface ForecastQuestion {
  /** Tasks that stand before it. */
  readonly position: number;
  /** Slots of the pool's ready replicas together. */
  readonly slots: number;
  /** Jobs the queue has given out, some of which may not hold their slot yet; default 0. */
  readonly leasedCount?: number | undefined;
  /** The waiting task, or the priority of one that is about to wait. */
  readonly of: TaskRecord | Priority;
}

const NOTHING_AHEAD: TasksAhead = { work: [], starts: { mean: 0, variance: 0 } };

/** Who holds the slots of a pool, who waits for one, and when it is whose turn. */
export class Occupancy {
  /** Service times of the pool and its own prediction errors. */
  readonly estimator = new StartEstimator();
  /** Since when tasks wait. */
  readonly ages = new WaitingAges();
  readonly #clock: Clock;
  readonly #onEdge: () => void;
  #lastUsedAtMs: number | undefined;
  readonly #running = new Set<SlotHolder>();
  readonly #waiting = new WaitingWork();
  readonly #drift: Readonly<Record<Priority, LineDrift>> = { interactive: new LineDrift(), batch: new LineDrift() };
  /** Tasks that were given out so far. */
  #startCount = 0;

  /** `onEdge`: the first job runs, none runs any more, the first task waits or none does any more. */
  constructor(clock: Clock, onEdge: () => void) {
    this.#clock = clock;
    this.#onEdge = onEdge;
  }

  /** When a job last began or ended; undefined before the first. */
  get lastUsedAtMs(): number | undefined {
    return this.#lastUsedAtMs;
  }

  /** Jobs that hold a slot now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** How long what runs is believed to go on; undefined when nothing runs, or too little is known. */
  get emptyInMs(): number | undefined {
    return this.#running.size === 0 ? undefined : this.estimator.emptyInMs(this.#jobs());
  }

  /** A job that holds a slot from now on, until it is given to {@link leave}. */
  hold(task: Task): SlotHolder {
    const holder = { work: workOf(task), sinceMs: this.#clock.nowMs() };
    this.#running.add(holder);
    this.#lastUsedAtMs = holder.sinceMs;
    if (this.#running.size === 1) this.#onEdge();
    return holder;
  }

  /** The slot is free; false when it was before. */
  leave(holder: SlotHolder): boolean {
    if (!this.#running.delete(holder)) return false;
    this.#lastUsedAtMs = this.#clock.nowMs();
    if (this.#running.size === 0) this.#onEdge();
    return true;
  }

  /** The engine came to the end of a job: what it took is worth knowing. */
  learn({ work, sinceMs, run }: SlotHolder, endedAtMs: number): void {
    const serviceTimeMs = endedAtMs - sinceMs;
    const firstTokenMs = run?.firstTokenAtMs === undefined ? serviceTimeMs : run.firstTokenAtMs - sinceMs;
    const { workload, expectedTokens } = work;
    const tokensOut = run?.acceptedTokens ?? 0;
    const sample = { workload, serviceTimeMs, firstTokenMs, tokensOut, isCut: tokensOut >= work.maxTokens };
    this.estimator.recordService(expectedTokens === undefined ? sample : { ...sample, expectedTokens });
  }

  /** The task begins to wait. */
  join(record: TaskRecord, { isBack, startChance }: WayIn): void {
    const { task, admission } = record;
    const position = admission?.queuePosition ?? 0;
    if (!isBack && position > 0) {
      const { starts } = this.#waiting.beforeNext(task.priority, position);
      record.expectedStarts = { afterCount: this.#startCount, count: starts.mean };
    }
    record.waitingPlace = this.#waiting.join(task, { isFirst: isBack, startChance });
    this.ages.join(record);
    if (this.ages.count === 1) this.#onEdge();
  }

  /** The task ceases to wait. */
  stepOut(record: TaskRecord): void {
    if (record.waitingPlace !== undefined) this.#waiting.leave(record.waitingPlace);
    record.waitingPlace = undefined;
    this.ages.leave(record);
    if (this.ages.count === 0) this.#onEdge();
  }

  /** The task was given out. */
  claimed({ expectedStarts, task }: TaskRecord): void {
    if (expectedStarts !== undefined) {
      this.#drift[task.priority].record(expectedStarts.count, this.#startCount - expectedStarts.afterCount);
    }
    this.#startCount += 1;
  }

  /** When the task starts, counted from now; undefined when it cannot be believed. */
  forecast({ position, slots, leasedCount = 0, of }: ForecastQuestion): StartForecast | undefined {
    const running = this.#running.size;
    // Most tasks find a slot, and need no look at what the others do.
    if (position < slots - Math.max(running, leasedCount)) return STARTS_NOW;
    const { ratio } = this.#drift[typeof of === 'string' ? of : of.task.priority];
    const { work, starts } = position === 0 ? NOTHING_AHEAD : this.#ahead(of, position);
    return this.estimator.forecast({
      // What was given out and holds no slot yet starts before it.
      position: starts.mean * ratio + Math.max(0, leasedCount - running),
      positionVariance: starts.variance * ratio ** 2,
      slots,
      running: this.#jobs(),
      ahead: work,
    });
  }

  #ahead(of: TaskRecord | Priority, position: number): TasksAhead {
    if (typeof of === 'string') return this.#waiting.beforeNext(of, position);
    const { waitingPlace, task } = of;
    return waitingPlace === undefined
      ? this.#waiting.beforeNext(task.priority, position)
      : this.#waiting.before(waitingPlace, position);
  }

  #jobs(): readonly RunningJob[] {
    const nowMs = this.#clock.nowMs();
    return Array.from(this.#running, ({ work, sinceMs, run }): RunningJob => {
      const job = { work, elapsedMs: nowMs - sinceMs, tokens: run?.acceptedTokens ?? 0 };
      return run?.firstTokenAtMs === undefined ? job : { ...job, firstTokenMs: run.firstTokenAtMs - sinceMs };
    });
  }
}
