// SPDX-License-Identifier: MIT
import type { PoolId, ReplicaId } from '@llama-orch/orchestrator-core';
import type { EngineFaultReason, ManagedReplicaView } from '@llama-orch/pool-manager';
import { OrchError } from '@llama-orch/worker-adapter-api';

/** What operators do to the engines of pools. Every operation of one pool waits for the one before it. */
export interface PoolControl {
  /** See the orchestrator's `drainPool`. Rejects NOT_FOUND. */
  drain(id: PoolId, deadlineMs: number): Promise<void>;
  /** Undoes a drain and a pause. Rejects NOT_FOUND. */
  resume(id: PoolId): Promise<void>;
  /**
   * Gives the pool another model, or its own anew without `modelRef`. Resolves when the old engines have ended. Rejects NOT_FOUND,
   * INVALID_PARAMS for engines that others start and for a model that is not there, and RELOAD_FAILED with `step`,
   * `reason` and `cure`; then the pool serves on as before.
   */
  reload(id: PoolId, modelRef: string | undefined): Promise<void>;
  /** Resolves when every engine is ready. Rejects NOT_FOUND, INVALID_PARAMS for engines that others start, and POOL_UNREADY. */
  load(id: PoolId): Promise<void>;
  /** Waits for running jobs. Rejects NOT_FOUND, and INVALID_PARAMS for engines that others start. */
  unload(id: PoolId): Promise<void>;
  /** Why nothing of it is loaded although somebody wants it, or why it gets no jobs for a while; undefined when neither is so. */
  whyNotLoaded(id: PoolId): string | undefined;
  /** The engine behind a replica; undefined when there is none of that id. */
  replica(id: ReplicaId): ManagedReplicaView | undefined;
}

/** Where a reload went wrong. */
export type ReloadStep = 'model' | 'load' | 'switch';

/** A reload that has been rolled back, and why; ORCH-1452. */
export function reloadFailed(step: ReloadStep, { reason, cure }: LoadFault): OrchError {
  return new OrchError('RELOAD_FAILED', {
    phase: 'request',
    details: { step, reason, ...(cure === undefined ? {} : { cure }) },
  });
}

/** Why an engine is not ready. */
export interface LoadFault {
  /** One sentence. */
  readonly reason: string;
  readonly cure?: string | undefined;
  readonly kind?: EngineFaultReason | undefined;
}
