// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import { burstOf, type KeySpec, type PoolId } from '@llama-orch/orchestrator-core';

/** What a key may ask of a pool, as it is enforced. */
export function toWireRateLimits(key: KeySpec, poolId: PoolId): Wire.RateLimits {
  const { requestsPerMinute } = key;
  return {
    allowed: key.pools?.includes(poolId) ?? true,
    priorities: key.priorities,
    requests_per_minute: requestsPerMinute,
    burst: key.burst ?? (requestsPerMinute === undefined ? undefined : burstOf(requestsPerMinute)),
    queued_tasks: key.queuedTasks,
    running_tasks: key.runningTasks,
  };
}
