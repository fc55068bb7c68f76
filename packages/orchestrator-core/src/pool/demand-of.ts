// SPDX-License-Identifier: MIT
import type { PoolDemand } from './pool-operations.ts';
import type { Pool } from './pool.ts';

/** Who needs the engines of this pool. */
export function demandOf({ id, gate, occupancy }: Pool): PoolDemand {
  const { ages, lastUsedAtMs, runningCount } = occupancy;
  // What an operator holds back needs no engine.
  const isServed = !gate.paused && !gate.draining;
  const oldestAtMs = isServed ? ages.oldestAtMs : undefined;
  return {
    poolId: id,
    waitingCount: isServed ? ages.count : 0,
    runningCount,
    ...(oldestAtMs === undefined ? {} : { oldestWaitingSinceMs: oldestAtMs }),
    // Worked out for who asks: it costs a look at every running job.
    get drainMs() {
      return occupancy.emptyInMs;
    },
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
  };
}
