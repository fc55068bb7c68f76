// SPDX-License-Identifier: MIT
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import type { DeviceId } from './devices/device-provider.ts';
import type { EngineFault } from './engine-fault.ts';

/** How much an engine is asked to serve at once; what is left out is the engine's own choice. */
export interface Capacity {
  /** Concurrent generations. */
  readonly slots?: number;
  /** Context of one slot, in tokens. */
  readonly ctxMaxTokens?: number;
}

/** What one start of an engine is given. */
export interface EngineStart {
  /** The only devices it may see; none: no accelerator. Left out: every device of the machine. */
  readonly devices?: readonly DeviceId[];
  readonly capacity?: Capacity;
}

/** How an engine ended, whether it was told to or not. */
export interface EngineExit extends EngineFault {
  readonly exitCode?: number;
  readonly signal?: string;
}

/**
 * Whose an engine is: `managed` (a process of ours), `embedded` (in this process), `external` (somebody else's, which is
 * attached to and never started, stopped or signalled).
 */
export type Provisioning = 'managed' | 'embedded' | 'external';

/** An engine that has been started, which does not mean that it answers yet. */
export interface StartedEngine {
  /** Talks to it; closed by {@link StartedEngine.stop}. */
  readonly adapter: WorkerAdapter;
  /** Resolves within a second of the engine's end, also when it was stopped; never rejects. Stays open where no end can be seen. */
  readonly exited: Promise<EngineExit>;
  /** Ends it and what is left of it; resolves when its devices and its port are free. Idempotent, also after its end. */
  stop(): Promise<void>;
  /** Its last lines of output, oldest first; empty where there is no output of its own. */
  logTail(): readonly string[];
}

/** Starts engines of one replica, one at a time. */
export interface EngineLauncher {
  readonly provisioning: Provisioning;
  /**
   * Starts an engine and resolves at once, before it has loaded its model. When `signal` aborts first, nothing is left behind
   * and it rejects the signal's reason.
   *
   * @throws EngineFaultError when it cannot be started.
   */
  start(given: EngineStart, signal: AbortSignal): Promise<StartedEngine>;
}
