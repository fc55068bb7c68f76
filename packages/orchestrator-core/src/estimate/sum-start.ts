// SPDX-License-Identifier: MIT
import type { KnownLine } from './draw-starts.ts';
import type { Moments } from './length-curve.ts';

/** Fine enough that rounding to milliseconds hides it. */
const TOLERANCE_MS = 0.25;

/** A line in which all tasks ahead are one amount of work. */
interface Sum {
  /** When each slot is free, in milliseconds from now. */
  readonly freeInMs: readonly number[];
  readonly position: number;
  /** Mean length of a task ahead. */
  readonly aheadMs: number;
  /** Variance over squared mean of the lengths ahead: 0 for equal ones, 1 for a memoryless mix. */
  readonly variationRatio: number;
}

/**
 * Mean and variance of the start of a task behind many others: the work that runs and waits, shared by the slots. Exact
 * where jobs are of equal length and where their lengths are memoryless; in between it lies between both.
 */
export function sumStart(line: KnownLine): Moments {
  const { slots, position } = line;
  const ends = line.running.map(({ job, model }) => model.remainingMoments(job.work, job));
  // More jobs than slots: replicas went away, and the first jobs to end make no room.
  const last = ends.toSorted((a, b) => a.mean - b.mean).slice(-slots);
  const ahead = aheadOf(line);
  const freeInMs = [...new Array<number>(slots - last.length).fill(0), ...last.map(({ mean }) => Math.max(0, mean))];
  const sum = { freeInMs, position, aheadMs: ahead.mean, variationRatio: ahead.variationRatio };
  const equality = 1 - Math.min(1, ahead.variationRatio);
  const evenMs = equality === 0 ? 0 : equality * startAmongEqualJobs(sum);
  const mean = evenMs + (1 - equality) * startByWork(sum);
  // The jobs that the other slots run at that time are as long as any.
  const variance = last.reduce((total, end) => total + end.variance, ahead.sumVariance) + (slots - 1) * ahead.variance;
  return { mean, variance: variance / slots ** 2 };
}

interface Ahead extends Moments {
  readonly variationRatio: number;
  /** Variance of the lengths of all tasks ahead together. */
  readonly sumVariance: number;
}

function aheadOf({ position, positionVariance, ahead }: KnownLine): Ahead {
  const total = ahead.reduce((sum, { job }) => sum + job.count, 0);
  let mean = 0;
  let square = 0;
  let ownVariance = 0;
  let doubt = 0;
  for (const { job, model } of ahead) {
    const share = total === 0 ? 1 / ahead.length : job.count / total;
    const length = model.moments(job.work);
    mean += share * length.mean;
    square += share * (length.variance + length.mean ** 2);
    ownVariance += share * length.variance;
    // A mean of few samples is off by the same for every task ahead.
    doubt += share * Math.sqrt(length.variance / model.sampleCount);
  }
  const variance = Math.max(0, square - mean ** 2);
  const sumVariance = position * ownVariance + (position * doubt) ** 2 + positionVariance * mean ** 2;
  return { mean, variance, sumVariance, variationRatio: mean > 0 ? variance / mean ** 2 : 0 };
}

/** Where the position is not whole, the start lies between those of its neighbors. */
function startAmongEqualJobs(line: Sum): number {
  const below = Math.floor(line.position);
  const startMs = startOfEqualJobs({ ...line, position: below });
  if (below === line.position) return startMs;
  const nextMs = startOfEqualJobs({ ...line, position: below + 1 });
  return startMs + (line.position - below) * (nextMs - startMs);
}

/** Exact where all waiting jobs take `aheadMs`: slot i starts one at `freeInMs[i]`, and one each `aheadMs` after it. */
function startOfEqualJobs(line: Sum): number {
  const { freeInMs, aheadMs, position } = line;
  let low = 0;
  let high = Math.max(...freeInMs) + aheadMs * (position / freeInMs.length + 1);
  while (high - low > TOLERANCE_MS) {
    const middle = (low + high) / 2;
    if (startsUntil(middle, line) > position) high = middle;
    else low = middle;
  }
  return high;
}

function startsUntil(timeMs: number, { freeInMs, aheadMs }: Sum): number {
  let starts = 0;
  for (const freeMs of freeInMs) {
    if (freeMs <= timeMs) starts += aheadMs > 0 ? Math.floor((timeMs - freeMs) / aheadMs) + 1 : Infinity;
  }
  return starts;
}

/**
 * Exact where the lengths of jobs are memoryless: the work ahead, less what the other slots still have to do when the task
 * starts, shared by all slots. A job met at a random moment has `aheadMs * (1 + variationRatio) / 2` to go.
 */
function startByWork({ freeInMs, aheadMs, position, variationRatio }: Sum): number {
  const workMs = freeInMs.reduce((sum, ms) => sum + ms, 0) + position * aheadMs;
  const othersMs = ((freeInMs.length - 1) * aheadMs * (1 + variationRatio)) / 2;
  return Math.max(0, workMs - othersMs) / freeInMs.length;
}
