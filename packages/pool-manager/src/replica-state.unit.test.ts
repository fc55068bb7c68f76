// SPDX-License-Identifier: MIT
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { nextReplicaState, REPLICA_STATES, REPLICA_TRANSITIONS, type ReplicaEvent } from './replica-state.ts';

const EVENTS: readonly ReplicaEvent[] = ['start', 'launched', 'answered', 'passed', 'crash', 'break', 'drain', 'gone'];

verifies('ORCH-1410', 'the machine moves along its table and nowhere else', () => {
  for (const state of REPLICA_STATES) {
    const row: Partial<Record<ReplicaEvent, string>> = REPLICA_TRANSITIONS[state];
    for (const event of EVENTS) {
      if (row[event] === undefined) expect(() => nextReplicaState(state, event)).toThrow(`${state} cannot take`);
      else expect(nextReplicaState(state, event)).toBe(row[event]);
    }
  }
});

verifies('ORCH-1410', 'a replica can be stopped from every state', () => {
  for (const state of REPLICA_STATES) {
    const row: Partial<Record<ReplicaEvent, string>> = REPLICA_TRANSITIONS[state];
    if (state !== 'stopped' && state !== 'draining') expect(row.drain).toBe('draining');
  }
  expect(REPLICA_TRANSITIONS.draining).toEqual({ gone: 'stopped' });
});
