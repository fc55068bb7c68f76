// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolId } from '../task/ids.ts';

/** What admission knows of a pool at one instant. */
export interface PoolFacts {
  readonly id: PoolId;
  readonly modelRefs: readonly string[];
  readonly maxTokensOut: number;
  /** `loading`: no replica is ready yet, but one may become so by itself. */
  readonly state: 'ready' | 'loading' | 'failed';
  /** What its ready replicas agree on; undefined until one was ready. */
  readonly props: WorkerProps | undefined;
  /** When a pool that is not ready may be asked again, in milliseconds. */
  readonly retryAfterMs: number;
}

/** Every name by which a task may ask for the pool's model: the references, the model id, and the file names of both. */
function modelNames(pool: Pick<PoolFacts, 'modelRefs' | 'props'>): ReadonlySet<string> {
  const names = new Set<string>();
  const refs = pool.props === undefined ? pool.modelRefs : [...pool.modelRefs, pool.props.modelId];
  for (const ref of refs) {
    names.add(ref);
    const path = withoutScheme(ref);
    names.add(path);
    names.add(path.slice(path.lastIndexOf('/') + 1));
  }
  return names;
}

/** True when `modelRef` is one of the pool's names. */
export function servesModel(pool: Pick<PoolFacts, 'modelRefs' | 'props'>, modelRef: string): boolean {
  const names = modelNames(pool);
  return names.has(modelRef) || names.has(withoutScheme(modelRef));
}

function withoutScheme(ref: string): string {
  return ref.startsWith('file:') ? ref.slice('file:'.length) : ref;
}
