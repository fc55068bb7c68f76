// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolId } from '../task/ids.ts';

/** What admission knows of a pool at one instant. */
export interface PoolFacts {
  readonly id: PoolId;
  readonly modelRefs: readonly string[];
  readonly maxTokensOut: number;
  /** `loading`: no replica is ready yet, but one may become so by itself. `draining`: it takes nothing new. */
  readonly state: 'ready' | 'loading' | 'failed' | 'draining';
  /** The only sampler profile of its tasks; undefined where any may be. */
  readonly samplerProfileVersion?: string | undefined;
  /** The sampler profile of tasks that name none; undefined where it is the first of all. */
  readonly defaultProfileVersion?: string | undefined;
  /** What its ready replicas agree on; undefined until one was ready. */
  readonly props: WorkerProps | undefined;
  /** When a pool that is not ready may be asked again, in milliseconds. */
  readonly retryAfterMs: number;
}

/** True when `modelRef` is a reference of the pool, the id of its model, or the file name of either, with or without scheme. */
export function servesModel({ modelRefs, props }: Pick<PoolFacts, 'modelRefs' | 'props'>, modelRef: string): boolean {
  const wanted = withoutScheme(modelRef);
  return (props !== undefined && isNameOf(props.modelId, wanted)) || modelRefs.some((ref) => isNameOf(ref, wanted));
}

function isNameOf(ref: string, wanted: string): boolean {
  const path = withoutScheme(ref);
  return path === wanted || path.slice(path.lastIndexOf('/') + 1) === wanted;
}

function withoutScheme(ref: string): string {
  return ref.startsWith('file:') ? ref.slice('file:'.length) : ref;
}
