// SPDX-License-Identifier: MIT
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import type { DeviceId } from './devices/device-provider.ts';
import type { EngineFaultReason } from './engine-fault.ts';
import type { Capacity, Provisioning } from './engine-launcher.ts';
import type { ManagedReplicaState } from './replica-state.ts';

/** A replica as an operator may see it. */
export interface ManagedReplicaView {
  readonly id: string;
  readonly provisioning: Provisioning;
  readonly state: ManagedReplicaState;
  /** Milliseconds for which it has been in this state. */
  readonly sinceMs: number;
  /** The last fault in one sentence; kept until the replica is ready again. */
  readonly lastError?: string;
  /** What would mend it, in one sentence. */
  readonly cure?: string;
  /** The kind of the last fault. */
  readonly reason?: EngineFaultReason;
  /** Milliseconds until the next start is tried, in `backoff` and `failed`. */
  readonly retryInMs?: number;
  /** What the next start asks for; below {@link ManagedReplicaView.configuredCapacity} after device memory ran out. */
  readonly capacity: Capacity;
  readonly configuredCapacity: Capacity;
  readonly devices?: readonly DeviceId[];
  /** The engine's last lines, oldest first; those of the last engine when none runs. */
  readonly logTail: readonly string[];
}

/** How {@link ManagedReplica.load} goes about it. */
export interface LoadOptions {
  /** Starts after which it gives up, which leaves the replica `failed`. Default: as many as the breaker allows. */
  readonly attemptCount?: number;
  /** The devices of this load and of the restarts that belong to it. Default: those the replica was made with. */
  readonly devices?: readonly DeviceId[];
}

/** An engine that is loaded, watched, restarted and unloaded behind an adapter that stays the same. */
export interface ManagedReplica {
  readonly id: string;
  /** What the core gets: delegates to the engine of the moment. Runs reject WORKER_RESET when it ends under them. */
  readonly adapter: WorkerAdapter;
  /**
   * Starts an engine unless there is one, and resolves when it is ready; from `failed` it tries again at once.
   *
   * @throws OrchError POOL_UNREADY when it fails, or is unloaded before it is ready; its details tell `reason` and `cure`.
   */
  load(options?: LoadOptions): Promise<void>;
  /** Takes no more runs, waits for those that go on, and ends the engine; resolves when its devices are free. Ends a load at once. */
  unload(): Promise<void>;
  /** Ends the engine under its runs and starts another at the configured capacity; settles as {@link ManagedReplica.load}. */
  restart(): Promise<void>;
  view(): ManagedReplicaView;
  /** Ends everything without waiting for runs; idempotent. */
  close(): Promise<void>;
}
