// SPDX-License-Identifier: MIT
import type { Meter, PoolView } from '@llama-orch/orchestrator-core';
import { OrchError, type WorkerAdapter, type WorkerMetrics } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { readEngines } from './read-engines.ts';

/** Replicas by id: state, and what their engine tells or rejects. */
type Engines = Readonly<Record<string, readonly [state: string, reading: WorkerMetrics | OrchError]>>;

async function readingsOf(engines: Engines): Promise<readonly (readonly [string, object, number])[]> {
  const readings: [string, object, number][] = [];
  const meter = { set: (name: string, labels: object, value: number) => readings.push([name, labels, value]) };
  const replicas = Object.entries(engines).map(([id, [state]]) => ({ id, state, props: { engine: 'llamacpp' } }));
  const adapters = Object.entries(engines).map(([id, [, reading]]) => {
    const metrics = () => (OrchError.is(reading) ? Promise.reject(reading) : Promise.resolve(reading));
    return [id, { metrics } as unknown as WorkerAdapter] as const;
  });
  await readEngines({
    pools: () => Promise.resolve([{ id: 'haiku', replicas } as unknown as PoolView]),
    adapters: new Map(adapters),
    meter: meter as unknown as Meter,
  });
  return readings;
}

verifies('ORCH-1516', 'a reading comes under our name, and one that is not offered is absent', async () => {
  const readings = await readingsOf({
    tells: ['ready', { slotsBusy: 1, kvCacheUsageRatio: 0.25 }],
    'tells nothing': ['ready', {}],
    fails: ['ready', new OrchError('WORKER_RESET')],
    loads: ['loading', { kvCacheUsageRatio: 0.5 }],
  });
  expect(readings).toEqual([
    ['kv_cache_usage_ratio', { engine: 'llamacpp', pool_id: 'haiku', replica_id: 'tells' }, 0.25],
  ]);
});
