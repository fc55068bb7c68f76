// SPDX-License-Identifier: MIT
import type { WorkerMetrics } from '@llama-orch/worker-adapter-api';
import { isObject } from './parse-json.ts';

/** The value of an unlabeled sample in Prometheus text, or undefined. */
export function readSample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const value =
    line === undefined
      ? NaN
      : Number(
          line
            .slice(name.length + 1)
            .split(' ', 1)
            .join(''),
        );
  return Number.isFinite(value) ? value : undefined;
}

/** Readings in the answer of `/metrics`. The cache's share is told only by builds before May 2025. */
export function parseMetrics(text: string): WorkerMetrics {
  const slotsBusy = readSample(text, 'llamacpp:requests_processing');
  const kvCacheUsageRatio = readSample(text, 'llamacpp:kv_cache_usage_ratio');
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
