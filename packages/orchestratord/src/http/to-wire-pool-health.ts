// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { PoolView, ReplicaId, ReplicaView } from '@llama-orch/orchestrator-core';
import type { Capacity, ManagedReplicaView } from '@llama-orch/pool-manager';
import { roundMs } from './round-ms.ts';
import { slotsBusyOf, slotsOf, toWireReadiness } from './to-wire.ts';

/** What a pool's health is told from, beside the pool. */
export interface HealthParts {
  /** What is wrong although it serves. */
  readonly degraded: string | undefined;
  /** Why it is not loaded although somebody wants it. */
  readonly notLoaded: string | undefined;
  /** The engine behind a replica. */
  readonly engineOf: (id: ReplicaId) => ManagedReplicaView | undefined;
  /** Whether the caller may read what engines write. */
  readonly isOperator: boolean;
}

/** A pool with its replicas and figures. */
export function toWirePoolHealth(pool: PoolView, parts: HealthParts): Wire.PoolHealth {
  const { degraded, notLoaded, engineOf, isOperator } = parts;
  return {
    ...toWireReadiness(pool),
    last_error: pool.lastError ?? notLoaded,
    paused: pool.paused,
    live: pool.live,
    degraded,
    replicas: pool.replicas.map((replica) => ({
      ...toWireReplica(replica),
      ...toWireEngine(replica, engineOf(replica.id), isOperator),
    })),
    metrics: {
      queue_depth: pool.queued,
      slots: slotsOf(pool),
      slots_busy: slotsBusyOf(pool),
      service_time_ms: toWireMean(pool.serviceTimeMs),
      prediction_error_ms: toWireMean(pool.predictionErrorMs),
    },
  };
}

function toWireReplica(replica: ReplicaView): Wire.Replica {
  return {
    replica_id: replica.id,
    state: replica.state,
    progress_ratio: replica.progressRatio,
    slots: replica.props?.slots,
    slots_busy: replica.slotsBusy,
    engine: replica.props?.engine,
    engine_version: replica.props?.engineVersion,
    model_id: replica.props?.modelId,
    model_digest: replica.props?.modelDigest,
    last_error: replica.lastError,
  };
}

/** ORCH-1407 */
function toWireEngine(
  replica: ReplicaView,
  engine: ManagedReplicaView | undefined,
  isOperator: boolean,
): Partial<Wire.Replica> {
  if (engine === undefined) return {};
  const lastError = engine.lastError ?? replica.lastError;
  return {
    last_error: lastError,
    cure: engine.cure,
    provisioning: engine.provisioning,
    engine_state: engine.state,
    since_ms: roundMs(engine.sinceMs),
    retry_in_ms: roundMs(engine.retryInMs),
    devices: engine.devices,
    capacity: toWireCapacity(engine.capacity),
    configured_capacity: toWireCapacity(engine.configuredCapacity),
    // An engine may write prompts: they are shown to those who may read all tasks.
    log_tail: isOperator && lastError !== undefined ? engine.logTail : undefined,
  };
}

function toWireCapacity({ slots, ctxMaxTokens }: Capacity): Wire.Capacity {
  return { slots, ctx_max: ctxMaxTokens };
}

function toWireMean(figure: PoolView['serviceTimeMs']): Wire.MeasuredMean | undefined {
  return figure && { mean: roundMs(figure.mean), sample_count: figure.sampleCount };
}
