// SPDX-License-Identifier: MIT
import { FUTURES, orderOf } from './futures.ts';
import type { Known, RunningJob, WorkAhead } from './start-estimator.ts';

/** A task's place among jobs of which enough is known. */
export interface KnownLine {
  readonly position: number;
  readonly positionVariance: number;
  readonly slots: number;
  readonly running: readonly Known<RunningJob>[];
  /** Not empty when `position` is above 0. */
  readonly ahead: readonly Known<WorkAhead>[];
}

/** Tasks that are expected ahead of which each is drawn. */
export const MAX_DRAWN_JOBS = 24;
/** Slots whose jobs are drawn one by one. */
export const MAX_DRAWN_SLOTS = 16;
/** The columns of {@link orderOf}: running jobs from 1 on, how many tasks are ahead, and each of these. */
const COUNT_COLUMN = 1 + MAX_DRAWN_SLOTS;
const JOB_COLUMN = COUNT_COLUMN + 2;

/**
 * Plays possible futures of a short line: every running job and every task ahead gets a length out of its distribution,
 * and the slots take the tasks as they come free. Answers the start of the task in each future, in milliseconds from now.
 */
export function drawStarts(line: KnownLine): Float64Array {
  const { slots, running, ahead } = line;
  const endsMs = running.map(({ job, model }, index) => ({
    possibleMs: model.possibleRemainingMs(job.work, job),
    order: orderOf(1 + index),
  }));
  const kinds = ahead.map(({ job, model }) => model.possibleMs(job.work));
  const places = inLine(line);
  const counts = possibleCounts(line);
  const starts = new Float64Array(FUTURES);
  const freeMs = new SortedTimes(slots);
  for (let future = 0; future < FUTURES; future++) {
    freeMs.clear();
    for (const { possibleMs, order } of endsMs) freeMs.add(possibleMs[order[future] ?? 0] ?? 0);
    const count = counts[future] ?? 0;
    for (let k = 0; k < count; k++) {
      // Who of them comes first is another question in each future; that each of them comes is none.
      const kind = kinds[places[(k + future) % places.length] ?? 0];
      freeMs.postponeFirst(kind?.[orderOf(JOB_COLUMN + k)[future] ?? 0] ?? 0);
    }
    starts[future] = freeMs.first;
  }
  return starts;
}

/** How many tasks start before it, in each future. */
function possibleCounts({ position, positionVariance }: KnownLine): Int32Array {
  // No wider than far, so that the number of draws is bounded.
  const deviation = Math.min(position, Math.sqrt(positionVariance));
  const deviations = orderOf(COUNT_COLUMN);
  const fractions = orderOf(COUNT_COLUMN + 1);
  const counts = new Int32Array(FUTURES);
  for (let future = 0; future < FUTURES; future++) {
    const count = position + deviation * (DEVIATIONS[deviations[future] ?? 0] ?? 0);
    counts[future] = Math.floor(count + ((fractions[future] ?? 0) + 0.5) / FUTURES);
  }
  return counts;
}

/** For each of the tasks ahead the index of its kind, of each kind its share. */
function inLine({ position: expected, ahead }: KnownLine): readonly number[] {
  const position = Math.ceil(expected);
  const total = ahead.reduce((sum, { job }) => sum + job.count, 0);
  const line: number[] = [];
  let counted = 0;
  ahead.forEach(({ job }, index) => {
    counted += job.count;
    const until = total === 0 ? position : Math.round((counted / total) * position);
    while (line.length < until) line.push(index);
  });
  return line;
}

/** One for each future: equal shares of a logistic distribution, which is nearly a normal one, of variance 1. */
const DEVIATIONS = Float64Array.from({ length: FUTURES }, (_, k) => {
  const share = (k + 0.5) / FUTURES;
  return (Math.log(share / (1 - share)) * Math.sqrt(3)) / Math.PI;
});

/** When each slot is free, the soonest first. */
class SortedTimes {
  readonly #times: Float64Array;

  constructor(slots: number) {
    this.#times = new Float64Array(slots);
  }

  /** When the first slot is free. */
  get first(): number {
    return this.#times[0] ?? 0;
  }

  /** All slots are free. */
  clear(): void {
    this.#times.fill(0);
  }

  /**
   * One of the slots is free at `time`. With more times than slots, replicas went away, and the first jobs to end make no
   * room: the soonest falls out.
   */
  add(time: number): void {
    if (time > this.first) this.#replaceFirst(time);
  }

  /** The first slot takes a job of this length. */
  postponeFirst(lengthMs: number): void {
    this.#replaceFirst(this.first + lengthMs);
  }

  #replaceFirst(time: number): void {
    const times = this.#times;
    let place = 1;
    while (place < times.length && (times[place] ?? 0) < time) {
      times[place - 1] = times[place] ?? 0;
      place += 1;
    }
    times[place - 1] = time;
  }
}
