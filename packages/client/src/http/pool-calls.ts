// SPDX-License-Identifier: MIT
import type { PoolList } from '@llama-orch/api-types';
import type { OrchClient } from '../create-client.ts';
import type { WireCalls } from './wire-calls.ts';

type PoolCalls = Pick<
  OrchClient,
  | 'pools'
  | 'poolHealth'
  | 'pausePool'
  | 'drainPool'
  | 'resumePool'
  | 'reloadPool'
  | 'loadPool'
  | 'unloadPool'
  | 'reloadConfig'
>;

/** Calls about pools and the configuration they come from. */
export function createPoolCalls({ http, answer }: WireCalls): PoolCalls {
  const at = (pool_id: string, signal: AbortSignal | undefined) => ({ params: { path: { pool_id } }, ...init(signal) });
  return {
    pools: async ({ signal } = {}) => (await answer<PoolList>(http.GET('/v1/pools', init(signal)), signal)).pools,
    poolHealth: (id, { signal } = {}) => answer(http.GET('/v1/pools/{pool_id}/health', at(id, signal)), signal),
    pausePool: (id, { signal } = {}) => answer(http.POST('/v1/pools/{pool_id}/pause', at(id, signal)), signal),
    drainPool: (id, { deadlineMs, signal } = {}) => {
      const body = deadlineMs === undefined ? {} : { deadline_ms: deadlineMs };
      return answer(http.POST('/v1/pools/{pool_id}/drain', { body, ...at(id, signal) }), signal);
    },
    resumePool: (id, { signal } = {}) => answer(http.POST('/v1/pools/{pool_id}/resume', at(id, signal)), signal),
    reloadPool: (id, { newModelRef, signal } = {}) => {
      const body = newModelRef === undefined ? {} : { new_model_ref: newModelRef };
      return answer(http.POST('/v1/pools/{pool_id}/reload', { body, ...at(id, signal) }), signal);
    },
    loadPool: (id, { signal } = {}) => answer(http.POST('/v1/pools/{pool_id}/load', at(id, signal)), signal),
    unloadPool: (id, { signal } = {}) => answer(http.POST('/v1/pools/{pool_id}/unload', at(id, signal)), signal),
    reloadConfig: ({ signal } = {}) => answer(http.POST('/v1/config/reload', init(signal)), signal),
  };
}

function init(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
