// SPDX-License-Identifier: MIT
import type { WorkerProps } from '@llama-orch/worker-adapter-api';
import type { PoolPins } from '../orchestrator-api.ts';
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

/** Why an engine with these props may not join a pool with these pins, in one sentence; undefined when it may. */
export function whyNotPinned(pins: PoolPins, props: WorkerProps): string | undefined {
  for (const [key, word] of PINNED) {
    const pinned = key === 'engine' ? undefined : pins[key];
    // ORCH-1430: also the first replica, and one that nobody else is there to differ from.
    if (pinned === undefined || pinned === props[key]) continue;
    return `Its ${word} is ${show(props[key])}, but the pool is pinned to ${pinned}.`;
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
