// SPDX-License-Identifier: MIT
import type { ManagedReplica } from './managed-replica.ts';
import { Supervisor } from './supervision/supervisor.ts';
import type { SupervisorOptions } from './supervision/supervisor-options.ts';

/** Settings of {@link createManagedReplica}. */
export type ManagedReplicaOptions = SupervisorOptions;

/** A replica without an engine; {@link ManagedReplica.load} starts one. */
export function createManagedReplica(options: ManagedReplicaOptions): ManagedReplica {
  return new Supervisor(options);
}
