// SPDX-License-Identifier: MIT
import type { Meter, PoolView } from '@llama-orch/orchestrator-core';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';

/** A scrape does not wait longer for an engine. */
const LIMIT_MS = 500;

/** What engines are read for, and where the readings go. */
export interface EngineReadingParts {
  readonly pools: () => Promise<readonly PoolView[]>;
  /** Adapters by replica id. */
  readonly adapters: ReadonlyMap<string, WorkerAdapter>;
  readonly meter: Meter;
}

/** Asks every ready engine for its own figures, for one scrape. An engine that does not answer keeps its last ones. */
export async function readEngines({ pools, adapters, meter }: EngineReadingParts): Promise<void> {
  const readings = (await pools()).flatMap((pool) =>
    pool.replicas.map(async ({ id, state, props }) => {
      const adapter = adapters.get(id);
      if (adapter === undefined || props === undefined || state !== 'ready') return;
      const { kvCacheUsageRatio } = await adapter.metrics(AbortSignal.timeout(LIMIT_MS));
      if (kvCacheUsageRatio === undefined) return;
      const labels = { engine: props.engine, pool_id: pool.id, replica_id: id };
      meter.set('kv_cache_usage_ratio', labels, kvCacheUsageRatio);
    }),
  );
  // That an engine is down is told by its replica's state, not by a scrape that fails.
  await Promise.allSettled(readings);
}
