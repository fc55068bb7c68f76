// SPDX-License-Identifier: MIT
import type { Workload } from '@llama-orch/worker-adapter-api';
import { MIN_SAMPLES, ServiceModel } from './service-model.ts';
import type { ServiceSample } from './service-sample.ts';

/** Samples kept: the mean of a memoryless mix is then known to 9 %, and a change of load is forgotten in minutes. */
const WINDOW_COUNT = 128;
/** From so many on a model is made anew only after {@link RENEW_COUNT} more. */
const SETTLED_COUNT = 32;
const RENEW_COUNT = 8;

interface Window {
  readonly samples: ServiceSample[];
  oldest: number;
  model: ServiceModel | undefined;
  /** Samples that the model does not know. */
  unknownCount: number;
}

/** The latest service times of a pool, by workload, and what they say about other jobs. */
export class ServiceTimes {
  readonly #windows = new Map<Workload, Window>();
  #sumMs = 0;

  /** Takes a sample in; the oldest of its workload makes room. */
  add(sample: ServiceSample): void {
    const window = this.#window(sample.workload);
    this.#sumMs += sample.serviceTimeMs - (window.samples[window.oldest]?.serviceTimeMs ?? 0);
    window.samples[window.oldest] = sample;
    window.oldest = (window.oldest + 1) % WINDOW_COUNT;
    window.unknownCount += 1;
  }

  /** The samples, for each workload the oldest first. */
  get samples(): readonly ServiceSample[] {
    return [...this.#windows.values()].flatMap(inOrder);
  }

  /** How many samples the figures rest on. */
  get sampleCount(): number {
    let count = 0;
    for (const { samples } of this.#windows.values()) count += samples.length;
    return count;
  }

  /** Mean of all samples; 0 without any. */
  get meanMs(): number {
    return this.#sumMs / Math.max(1, this.sampleCount);
  }

  /** What the samples of a workload say; undefined while they are too few to be believed. */
  model(workload: Workload): ServiceModel | undefined {
    const window = this.#windows.get(workload);
    // ORCH-3151: what cannot be believed is not said.
    if (window === undefined || window.samples.length < MIN_SAMPLES) return undefined;
    const isStale = window.unknownCount >= (window.samples.length < SETTLED_COUNT ? 1 : RENEW_COUNT);
    if (window.model === undefined || isStale) {
      window.model = new ServiceModel(inOrder(window));
      window.unknownCount = 0;
    }
    return window.model;
  }

  #window(workload: Workload): Window {
    let window = this.#windows.get(workload);
    if (window === undefined) {
      window = { samples: [], oldest: 0, model: undefined, unknownCount: 0 };
      this.#windows.set(workload, window);
    }
    return window;
  }
}

/** The oldest first. */
function inOrder({ samples, oldest }: Window): readonly ServiceSample[] {
  return [...samples.slice(oldest), ...samples.slice(0, oldest)];
}
