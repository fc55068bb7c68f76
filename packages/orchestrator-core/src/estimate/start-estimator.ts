// SPDX-License-Identifier: MIT
import { ServiceTimes, type ServiceSample } from './service-times.ts';

/** A job that holds a slot. */
export interface RunningJob {
  readonly elapsedMs: number;
  /** The client's guess of its output length. */
  readonly expectedTokens?: number;
}

/** When does the task at `position` start? */
export interface StartQuestion {
  /** Tasks that start before it. */
  readonly position: number;
  /** Slots of the pool's ready replicas together. */
  readonly slots: number;
  readonly running: readonly RunningJob[];
  /** Mean of what the clients of the tasks ahead expect, where they say. */
  readonly expectedTokensAhead?: number;
}

/** A mean and what it rests on. */
export interface MeanMs {
  readonly mean: number;
  readonly sampleCount: number;
}

/** Fewer samples say nothing that could be believed. */
const MIN_SAMPLES = 3;
/** Fine enough that rounding to milliseconds hides it. */
const TOLERANCE_MS = 0.25;

/**
 * Predicts when the waiting tasks of one pool start, from how long its jobs took, and keeps score of its own errors.
 * Pure: it is told everything, durations included, and reads no clock.
 */
export class StartEstimator {
  readonly #services = new ServiceTimes();
  #errorSumMs = 0;
  #errorCount = 0;

  /** A job left its slot. Jobs that were canceled or failed are left out by the caller. */
  recordService(sample: ServiceSample): void {
    this.#services.add(sample);
  }

  /** What the figures rest on, as text for another process's {@link restore}. */
  get statistics(): string {
    return JSON.stringify(this.#services.samples.map(({ serviceTimeMs, tokensOut }) => [serviceTimeMs, tokensOut]));
  }

  /** Goes on with the statistics of another process; what is not such a text is not believed. */
  restore(statistics: string): void {
    for (const sample of readSamples(statistics)) this.#services.add(sample);
  }

  /** A task started `actualMs` after a prediction that said `predictedMs`. */
  recordStart(predictedMs: number, actualMs: number): void {
    this.#errorSumMs += Math.abs(predictedMs - actualMs);
    this.#errorCount += 1;
  }

  /** Mean service time of the latest jobs; undefined before the first. */
  get serviceTimeMs(): MeanMs | undefined {
    const { meanMs, sampleCount } = this.#services;
    return sampleCount === 0 ? undefined : { mean: meanMs, sampleCount };
  }

  /** Mean absolute error of all predictions so far; undefined before the first start. */
  get predictionErrorMs(): MeanMs | undefined {
    if (this.#errorCount === 0) return undefined;
    return { mean: this.#errorSumMs / this.#errorCount, sampleCount: this.#errorCount };
  }

  /** Milliseconds from now until the task starts, or undefined when it cannot be known. */
  predictStartMs(question: StartQuestion): number | undefined {
    const { position, slots, running } = question;
    if (position < slots - running.length) return 0;
    // ORCH-3151: what cannot be believed is not said.
    if (slots === 0 || this.#services.sampleCount < MIN_SAMPLES) return undefined;
    const aheadMs = this.#aheadMs(question);
    const endsInMs = running.map((job) => this.#remainingMs(job)).sort((a, b) => a - b);
    // More jobs than slots: replicas went away, and the first jobs to end make no room.
    const freeInMs = endsInMs.slice(-slots);
    while (freeInMs.length < slots) freeInMs.push(0);
    const variation = Math.min(1, this.#services.variationRatio);
    const line = { freeInMs, aheadMs, position };
    const equalJobs = startOfEqualJobs(line);
    const memorylessJobs = startByWork(line, this.#services.variationRatio);
    return Math.round((1 - variation) * equalJobs + variation * memorylessJobs);
  }

  /** Tasks per second that `slots` busy slots finish; undefined when it cannot be known. */
  drainRatePerSecond(slots: number): number | undefined {
    const { meanMs, sampleCount } = this.#services;
    return sampleCount < MIN_SAMPLES || meanMs === 0 ? undefined : (slots * 1000) / meanMs;
  }

  /** Milliseconds until `tasks` more have left the queue, at least 1; undefined when it cannot be known. */
  retryAfterMs(tasks: number, slots: number): number | undefined {
    const rate = this.drainRatePerSecond(slots);
    return rate === undefined || rate === 0 ? undefined : Math.max(1, Math.ceil((tasks * 1000) / rate));
  }

  #aheadMs({ expectedTokensAhead }: StartQuestion): number {
    return expectedTokensAhead === undefined ? this.#services.meanMs : this.#services.ofTokensMs(expectedTokensAhead);
  }

  #remainingMs({ elapsedMs, expectedTokens }: RunningJob): number {
    const expectedMs = expectedTokens === undefined ? 0 : this.#services.ofTokensMs(expectedTokens);
    // A job that outlived its client's guess is a job like any other.
    return expectedMs > elapsedMs ? expectedMs - elapsedMs : this.#services.remainingMs(elapsedMs);
  }
}

/** Who starts before a task, and where. */
interface Line {
  /** When each slot is free, in milliseconds from now. */
  readonly freeInMs: readonly number[];
  /** Length of a waiting job. */
  readonly aheadMs: number;
  readonly position: number;
}

/** Exact where all waiting jobs take `aheadMs`: slot i starts one at `freeInMs[i]`, and one each `aheadMs` after it. */
function startOfEqualJobs(line: Line): number {
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

function startsUntil(timeMs: number, { freeInMs, aheadMs }: Line): number {
  let starts = 0;
  for (const freeMs of freeInMs) {
    if (freeMs <= timeMs) starts += aheadMs > 0 ? Math.floor((timeMs - freeMs) / aheadMs) + 1 : Infinity;
  }
  return starts;
}

/**
 * Exact where the lengths of jobs are memoryless: the work ahead, less what the other slots still have to do when the task
 * starts, shared by all slots. A job met at a random moment has `aheadMs * (1 + variation) / 2` to go.
 */
function startByWork({ freeInMs, aheadMs, position }: Line, variation: number): number {
  const workMs = freeInMs.reduce((sum, ms) => sum + ms, 0) + position * aheadMs;
  const othersMs = ((freeInMs.length - 1) * aheadMs * (1 + variation)) / 2;
  return Math.max(0, workMs - othersMs) / freeInMs.length;
}

function readSamples(statistics: string): readonly ServiceSample[] {
  const samples: ServiceSample[] = [];
  const pairs: unknown = JSON.parse(statistics);
  for (const pair of Array.isArray(pairs) ? (pairs as readonly unknown[]) : []) {
    const [serviceTimeMs, tokensOut] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof serviceTimeMs === 'number' && typeof tokensOut === 'number') samples.push({ serviceTimeMs, tokensOut });
  }
  return samples;
}
