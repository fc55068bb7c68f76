// SPDX-License-Identifier: MIT

/** All states of a managed replica. */
export const REPLICA_STATES = [
  'stopped',
  'starting',
  'loading',
  'testing',
  'ready',
  'draining',
  'backoff',
  'failed',
] as const;
/** A managed replica's state. */
export type ManagedReplicaState = (typeof REPLICA_STATES)[number];

/** What moves a replica; the data below is the whole machine, ORCH-1410. */
export const REPLICA_TRANSITIONS = {
  stopped: { start: 'starting' },
  starting: { launched: 'loading', crash: 'backoff', break: 'failed', drain: 'draining' },
  loading: { answered: 'testing', crash: 'backoff', break: 'failed', drain: 'draining' },
  testing: { passed: 'ready', crash: 'backoff', break: 'failed', drain: 'draining' },
  ready: { crash: 'backoff', break: 'failed', drain: 'draining' },
  draining: { gone: 'stopped' },
  backoff: { start: 'starting', drain: 'draining' },
  failed: { start: 'starting', drain: 'draining' },
} as const satisfies Record<ManagedReplicaState, Partial<Record<string, ManagedReplicaState>>>;

/** Events of the machine. */
export type ReplicaEvent = 'start' | 'launched' | 'answered' | 'passed' | 'crash' | 'break' | 'drain' | 'gone';

/** The state after `event`. @throws Error when the machine forbids it, which is a fault of this package. */
export function nextReplicaState(state: ManagedReplicaState, event: ReplicaEvent): ManagedReplicaState {
  const row: Partial<Record<ReplicaEvent, ManagedReplicaState>> = REPLICA_TRANSITIONS[state];
  const next = row[event];
  if (next === undefined) throw new Error(`A replica that is ${state} cannot take the event ${event}.`);
  return next;
}
