// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';

import type { EngineIdentity } from '../task/task.ts';

/** What all replicas of a pool must agree on. */
const PINNED = [
  ['engine', 'engine'],
  ['engineVersion', 'engine_version'],
  ['modelDigest', 'model_digest'],
] as const satisfies readonly (readonly [keyof EngineIdentity, string])[];

/** Why `candidate` may not serve beside a replica with the props `first`, in one sentence; undefined when it may. */
export function whyNotInSet(first: WorkerProps, candidate: WorkerProps): string | undefined {
  for (const [key, word] of PINNED) {
    if (first[key] === candidate[key]) continue;
    return `Its ${word} is ${show(candidate[key])}, but the pool serves ${show(first[key])}.`;
  }
  return undefined;
}

/** Whether a replica with these props gives the tokens of that engine. */
export function isEngine(props: WorkerProps, engine: EngineIdentity): boolean {
  return PINNED.every(([key]) => props[key] === engine[key]);
}

function show(value: string | undefined): string {
  return value ?? 'unknown';
}
