// SPDX-License-Identifier: MIT

// For users: replicas and what starts their engines.
export { EngineFaultError, engineFault, type EngineFault, type EngineFaultReason } from './engine-fault.ts';
export { createExternalLauncher, createInProcessLauncher, type CreateAdapter } from './adapter-launchers.ts';
export { createManagedReplica, type ManagedReplicaOptions } from './create-managed-replica.ts';
export { endOrphans, type EndOrphansOptions } from './process/engine-records.ts';
export { createProcessLauncher, type EngineAddress, type ProcessLauncherOptions } from './process/process-launcher.ts';
export type { LoadOptions, ManagedReplica, ManagedReplicaView } from './managed-replica.ts';
export type { RestartLimits } from './supervision/restart-policy.ts';
export type { WatchLimits } from './supervision/engine-life.ts';
export { REPLICA_STATES, REPLICA_TRANSITIONS, type ManagedReplicaState, type ReplicaEvent } from './replica-state.ts';

// For users: devices, and the swapper that loads and unloads replicas on them.
export { createSystemDeviceProvider, type SystemDevicesOptions } from './devices/system-devices.ts';
export {
  isDeviceId,
  type DeviceId,
  type DeviceProvider,
  type DeviceReading,
  type DeviceVendor,
} from './devices/device-provider.ts';
export type { DeviceWish } from './devices/device-options.ts';
export { createSwapper } from './swap/swapper.ts';
export type {
  SwapDecision,
  SwappedPool,
  SwappedPoolView,
  SwappedReplica,
  Swapper,
  SwapperOptions,
} from './swap/swapper-api.ts';

// For libraries: the port to fill.
export type {
  Capacity,
  EngineExit,
  EngineLauncher,
  EngineStart,
  Provisioning,
  StartedEngine,
} from './engine-launcher.ts';
