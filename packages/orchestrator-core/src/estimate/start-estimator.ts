// SPDX-License-Identifier: MIT
import type { JobWork, ServiceSample } from './service-sample.ts';
import { readSamples, writeSamples } from './service-sample.ts';
import { MIN_SAMPLES, type JobProgress, type ServiceModel } from './service-model.ts';
import { ServiceTimes } from './service-times.ts';
import { drawStarts, MAX_DRAWN_JOBS, MAX_DRAWN_SLOTS } from './draw-starts.ts';
import { sumStart } from './sum-start.ts';
import { forecastOf, normalForecast, STARTS_NOW, type StartForecast } from './start-forecast.ts';

/** A job that holds a slot. */
export interface RunningJob extends JobProgress {
  readonly work: JobWork;
}

/** Tasks of one kind that start before another. */
export interface WorkAhead {
  readonly work: JobWork;
  /** How many are expected to start; need not be whole. */
  readonly count: number;
}

/** When does the task at `position` start? */
export interface StartQuestion {
  /** How many tasks are expected to start before it; need not be whole. */
  readonly position: number;
  /** Variance of that number, where it is not certain; default 0. */
  readonly positionVariance?: number;
  /** Slots of the pool's ready replicas together. */
  readonly slots: number;
  readonly running: readonly RunningJob[];
  /** What is known of the tasks that start before it; where they are not as many as `position`, the others are like them. */
  readonly ahead: readonly WorkAhead[];
}

/** A mean and what it rests on. */
export interface MeanMs {
  readonly mean: number;
  readonly sampleCount: number;
}

/** A job and what is known of jobs like it. */
export interface Known<T> {
  readonly job: T;
  readonly model: ServiceModel;
}

/**
 * Predicts when the waiting tasks of one pool start, from how long its jobs took, and keeps score of its own errors.
 * Pure: it is told everything, durations included, and reads no clock. The cost of a prediction does not grow with the
 * number of tasks that wait.
 */
export class StartEstimator {
  #services = new ServiceTimes();
  #errorSumMs = 0;
  #errorCount = 0;

  /** A job left its slot. Jobs that were canceled or failed are left out by the caller. */
  recordService(sample: ServiceSample): void {
    this.#services.add(sample);
  }

  /** What the figures rest on, as text for another process's {@link restore}. */
  get statistics(): string {
    return writeSamples(this.#services.samples);
  }

  /** Goes on with the statistics of another process; what is not such a text is not believed. */
  restore(statistics: string): void {
    for (const sample of readSamples(statistics)) this.#services.add(sample);
  }

  /** Jobs take another engine's time from now on: nothing is known until some have ended. */
  forget(): void {
    this.#services = new ServiceTimes();
  }

  /** How long the longest of these jobs is believed to go on; undefined when too little is known. */
  emptyInMs(running: readonly RunningJob[]): number | undefined {
    const known = this.#known(running, ({ work }) => work);
    const ends = known?.map(({ job, model }) => model.remainingMoments(job.work, job).mean);
    return ends && Math.max(0, ...ends);
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

  /** When the task starts, counted from now, or undefined when it cannot be known. */
  forecast({ position, positionVariance = 0, slots, running, ahead }: StartQuestion): StartForecast | undefined {
    if (position < slots - running.length) return STARTS_NOW;
    if (slots === 0) return undefined;
    const knownRunning = this.#known(running, ({ work }) => work);
    const knownAhead = this.#known(position === 0 ? [] : ahead, ({ work }) => work);
    // ORCH-1270: one job of which too little is known makes the start unknown.
    if (knownRunning === undefined || knownAhead === undefined) return undefined;
    if (position > 0 && knownAhead.length === 0) return undefined;
    const line = { position, positionVariance, slots, running: knownRunning, ahead: knownAhead };
    // Few jobs are drawn, as their very lengths matter; many are added up, as they even out.
    const isShort = position <= MAX_DRAWN_JOBS && slots <= MAX_DRAWN_SLOTS && running.length <= MAX_DRAWN_SLOTS;
    if (isShort) return forecastOf(drawStarts(line));
    const { mean, variance } = sumStart(line);
    return normalForecast(mean, Math.sqrt(variance));
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

  /** Each with its model; undefined when one has none. */
  #known<T>(jobs: readonly T[], workOf: (job: T) => JobWork): readonly Known<T>[] | undefined {
    const known: Known<T>[] = [];
    for (const job of jobs) {
      const model = this.#services.model(workOf(job).workload);
      if (model === undefined) return undefined;
      known.push({ job, model });
    }
    return known;
  }
}
