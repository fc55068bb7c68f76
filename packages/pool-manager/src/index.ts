// SPDX-License-Identifier: MIT

// For users: replicas and what starts their engines.
export { EngineFaultError, engineFault, type EngineFault, type EngineFaultReason } from './engine-fault.ts';
export type { ManagedReplica, ManagedReplicaView } from './managed-replica.ts';
export { REPLICA_STATES, REPLICA_TRANSITIONS, type ManagedReplicaState, type ReplicaEvent } from './replica-state.ts';

// For libraries: the port to fill.
export type {
  Capacity,
  DeviceId,
  EngineExit,
  EngineLauncher,
  EngineStart,
  Provisioning,
  StartedEngine,
} from './engine-launcher.ts';
