// SPDX-License-Identifier: MIT
import { isObject, sumSamples } from '@llama-orch/adapter-kit';
import type { WorkerMetrics } from '@llama-orch/worker-adapter-api';

/** Requests that a server works on, in its Prometheus text. */
export const PROCESSING_METRIC = 'llamacpp:requests_processing';

/** Readings in the answer of `/metrics`. The cache's share is told only by builds before May 2025. */
export function parseMetrics(text: string): WorkerMetrics {
  const slotsBusy = sumSamples(text, PROCESSING_METRIC);
  const kvCacheUsageRatio = sumSamples(text, 'llamacpp:kv_cache_usage_ratio');
  return {
    ...(slotsBusy === undefined ? {} : { slotsBusy }),
    ...(kvCacheUsageRatio === undefined ? {} : { kvCacheUsageRatio }),
  };
}

/** One slot in the answer of `/slots`. */
export interface SlotState {
  readonly id: number;
  readonly isBusy: boolean;
}

/** Slots in the answer of `/slots`; builds before October 2024 wrote a state number. Undefined for another answer. */
export function parseSlots(answer: unknown): readonly SlotState[] | undefined {
  if (!Array.isArray(answer)) return undefined;
  return answer.filter(isObject).map(({ id, is_processing: isProcessing, state }) => ({
    id: typeof id === 'number' ? id : -1,
    isBusy: isProcessing === true || (typeof state === 'number' && state !== 0),
  }));
}
