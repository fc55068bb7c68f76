// SPDX-License-Identifier: MIT
import type { PoolView, SamplerProfile } from '../orchestrator-api.ts';
import type { QueueSnapshot } from '../queue/task-queue.ts';
import type { Pool } from './pool.ts';

/** What the view cannot ask the pool. */
export interface PoolSurroundings {
  readonly snapshot: QueueSnapshot;
  readonly draining: boolean;
  readonly samplerProfiles: readonly SamplerProfile[];
}

/** The pool as operators may see it. */
export function viewPool(pool: Pool, { snapshot, draining, samplerProfiles }: PoolSurroundings): PoolView {
  const { serviceTimeMs, predictionErrorMs } = pool.estimator;
  const replicas = pool.allReplicas.map((replica) => replica.view());
  const lastError = replicas.find((replica) => replica.lastError !== undefined && replica.state !== 'ready')?.lastError;
  return {
    id: pool.id,
    live: replicas.some((replica) => replica.state !== 'stopped'),
    ready: pool.state === 'ready',
    draining: draining || pool.gate.draining,
    paused: snapshot.paused,
    ...(lastError === undefined ? {} : { lastError }),
    replicas,
    queued: snapshot.waiting,
    limits: pool.spec.limits,
    maxTokensOut: pool.spec.maxTokensOut,
    workloads: pool.props?.workloads ?? [],
    samplerProfileVersion:
      pool.spec.pins?.samplerProfileVersion ?? pool.spec.defaultProfileVersion ?? samplerProfiles[0]?.version ?? '',
    ...(serviceTimeMs === undefined ? {} : { serviceTimeMs }),
    ...(predictionErrorMs === undefined ? {} : { predictionErrorMs }),
  };
}
