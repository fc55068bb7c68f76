// SPDX-License-Identifier: MIT
import { sumSamples } from '@llama-orch/adapter-kit';
import type { WorkerMetrics } from '@llama-orch/worker-adapter-api';

const HTTP_PORT = '8000';
const METRICS_PORT = '8002';

/** Where a server at the usual HTTP port tells its metrics, which is never that port; undefined at other ports. */
export function metricsUrlBeside(baseUrl: string): string | undefined {
  const url = new URL(baseUrl);
  if (url.port !== HTTP_PORT) return undefined;
  url.port = METRICS_PORT;
  return url.origin;
}

/** Requests TensorRT-LLM works on; undefined for models that do not tell (ORCH-4653). */
export function activeCount(text: string): number | undefined {
  return sumSamples(text, 'nv_trt_llm_request_metrics', { request_type: 'active' });
}

/** Readings in the answer of `/metrics`. */
export function parseMetrics(text: string): WorkerMetrics {
  const slotsBusy = activeCount(text);
  const blocks = (type: string): number | undefined =>
    sumSamples(text, 'nv_trt_llm_kv_cache_block_metrics', { kv_cache_block_type: type });
  const usedBlocks = blocks('used');
  const allBlocks = blocks('max') ?? 0;
  return {
    ...(slotsBusy === undefined ? {} : { slotsBusy }),
    ...(usedBlocks === undefined || allBlocks === 0 ? {} : { kvCacheUsageRatio: Math.min(1, usedBlocks / allBlocks) }),
  };
}
