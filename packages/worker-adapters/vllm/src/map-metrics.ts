// SPDX-License-Identifier: MIT
import { readSamples, sumSamples } from '@llama-orch/adapter-kit';
import type { WorkerMetrics } from '@llama-orch/worker-adapter-api';

const RUNNING = 'vllm:num_requests_running';
const WAITING = 'vllm:num_requests_waiting';
/** The share of the cache in use: since June 2025, and before. */
const CACHE_USAGE = ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'];

/** Readings in the answer of `/metrics`, summed over the engines of one server. */
export function parseMetrics(text: string): WorkerMetrics {
  const slotsBusy = sumSamples(text, RUNNING);
  const usages = CACHE_USAGE.map((name) => readSamples(text, name)).find((samples) => samples.length > 0);
  return {
    ...(slotsBusy === undefined ? {} : { slotsBusy }),
    // Several engines have a cache each; the fullest is the one that matters.
    ...(usages === undefined ? {} : { kvCacheUsageRatio: Math.max(...usages.map(({ value }) => value)) }),
  };
}

/** Requests the engine has taken and not ended; undefined where it does not tell. */
export function requestCount(text: string): number | undefined {
  const running = sumSamples(text, RUNNING);
  return running === undefined ? undefined : running + (sumSamples(text, WAITING) ?? 0);
}
