// SPDX-License-Identifier: MIT
import type { Clock, Logger, Random } from '@llama-orch/orchestrator-core';
import type { DeviceId, DeviceProvider } from '../devices/device-provider.ts';
import type { Capacity, EngineLauncher } from '../engine-launcher.ts';
import type { WatchLimits } from './engine-life.ts';
import type { RestartLimits } from './restart-policy.ts';

/** What a managed replica is made with. */
export interface SupervisorOptions {
  readonly id: string;
  readonly launcher: EngineLauncher;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Kind of the adapters that the launcher makes, e.g. `llamacpp-http`. Default: the launcher's provisioning. */
  readonly kind?: string;
  /** The only devices it may use; none: no accelerator. Default: whatever the engine finds. */
  readonly devices?: readonly DeviceId[];
  /** Reads the room on its devices, by which jobs are placed. Default: it is not read. */
  readonly deviceProvider?: DeviceProvider;
  /** What it is to serve at once. Default: the engine's own choice. */
  readonly capacity?: Capacity;
  /** Whether an engine must pass the self-test before it is ready. Default true. */
  readonly selfTest?: boolean;
  readonly limits?: WatchLimits;
  readonly restarts?: RestartLimits;
}
