// SPDX-License-Identifier: MIT
import type { Orchestrator, PoolId, PoolView, TaskId } from '@llama-orch/orchestrator-core';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { refusal } from './refusal.ts';

/** A UUID of the path in the one form that ids are stored in. */
export function taskIdOf(text: string): TaskId {
  return text.toLowerCase() as TaskId;
}

/** The refusal for a path parameter that names nothing. */
export function unknown(parameter: 'task_id' | 'session_id' | 'pool_id' | 'artifact_id'): OrchError {
  return refusal('NOT_FOUND', `path.${parameter}`);
}

/** The pool of a path. @throws OrchError NOT_FOUND. */
export async function poolOf(orchestrator: Orchestrator, poolId: string): Promise<PoolView> {
  const pool = await orchestrator.pool(poolId as PoolId);
  if (pool === undefined) throw unknown('pool_id');
  return pool;
}
