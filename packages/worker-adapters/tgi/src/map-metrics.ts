// SPDX-License-Identifier: MIT
import { sumSamples } from '@llama-orch/adapter-kit';
import type { WorkerMetrics } from '@llama-orch/worker-adapter-api';

/** Requests in the running batch; a gauge that was never set is not there, which is 0 (ORCH-4604). */
export function runningCount(text: string): number {
  return sumSamples(text, 'tgi_batch_current_size') ?? 0;
}

/** Readings in the answer of `/metrics`. */
export function parseMetrics(text: string): WorkerMetrics {
  const usedTokens = sumSamples(text, 'tgi_batch_current_max_tokens') ?? 0;
  const budgetTokens = sumSamples(text, 'tgi_batch_max_total_tokens') ?? 0;
  return {
    slotsBusy: runningCount(text),
    ...(budgetTokens > 0 ? { kvCacheUsageRatio: Math.min(1, usedTokens / budgetTokens) } : {}),
  };
}
