// SPDX-License-Identifier: MIT
import type { WorkerAdapter } from '../worker-adapter.ts';
import type { WorkerRequest } from '../worker-request.ts';

/**
 * What an adapter's engine can be brought to do in a test:
 * - `endless`: a request that writes until it is aborted
 * - `several_slots`: at least two generations at once
 * - `refusal`: a request the engine refuses
 * - `breakage`: a request in whose middle the engine fails
 * - `outage`: the engine can be taken down
 * - `observation`: the engine's own view of what it works on
 * - `strict`: the same request gives the same bytes
 * - `restart`: the adapter owns its engine and can restart it
 */
export type ExerciseCapability =
  'endless' | 'several_slots' | 'refusal' | 'breakage' | 'outage' | 'observation' | 'strict' | 'restart';

/** The engine's own view, not the adapter's. */
export interface EngineObserver {
  /** Generations it works on now. */
  busySlots(): Promise<number>;
  /** Generations it has ever begun. */
  startedCount(): Promise<number>;
}

/** A fresh adapter with an engine of its own, and requests that bring the engine to do what a check needs. */
export interface AdapterFixture extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  /** Ends by itself within moments, after at least two pieces, within 64 tokens. */
  readonly brief: WorkerRequest;
  /** Writes until aborted; its first piece comes within moments. Capability `endless`. */
  readonly endless?: WorkerRequest;
  /** Capability `refusal`. */
  readonly refused?: WorkerRequest;
  /** Fails after at least one piece. Capability `breakage`. */
  readonly breaking?: WorkerRequest;
  /** Takes the engine down and resolves when it is. Capability `outage`. */
  readonly stopEngine?: () => Promise<void>;
  /** Capability `observation`. */
  readonly observer?: EngineObserver;
}

/** Makes a fixture; each check disposes its own. */
export type AcquireAdapter = () => Promise<AdapterFixture>;

/** The part of `name` a check uses; fails where the fixture neither has it nor declares it lacking. */
export function provided<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`The fixture has no ${name} and does not declare the capability lacking.`);
  return part;
}
