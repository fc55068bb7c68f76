// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { PoolId } from '../task/ids.ts';
import type { TaskRequest } from '../task/task.ts';
import type { KeySpec } from './key-spec.ts';

/** The pools a key may use; another pool is for it as if it were not there. */
export function allowedPools<T>(pools: ReadonlyMap<PoolId, T>, key: KeySpec | undefined): readonly T[] {
  const allowed = key?.pools;
  if (allowed === undefined) return [...pools.values()];
  return [...pools].filter(([id]) => allowed.includes(id)).map(([, pool]) => pool);
}

/** The request with the key's own default priority; INVALID_PARAMS when it asks for one that the key may not use. */
export function withAllowedPriority(request: TaskRequest, key: KeySpec | undefined): TaskRequest | OrchError {
  if (key === undefined) return request;
  const { priority = key.priorities[0] ?? 'interactive' } = request;
  if (key.priorities.includes(priority)) return { ...request, priority };
  const expected = key.priorities.join(' or ');
  return new OrchError('INVALID_PARAMS', {
    message: 'The key may not use this priority.',
    details: { field: '$.priority', expected },
  });
}
