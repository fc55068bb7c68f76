// SPDX-License-Identifier: MIT
import { expect } from 'vitest';
import { verifies } from '@llama-orch/test-kit';
import { TASK_STATES, TASK_TRANSITIONS, isTerminal, transition, type TaskEvent, type TaskState } from './task-state.ts';

const EVENTS: readonly TaskEvent[] = ['claim', 'cancel', 'evict', 'expire', 'complete', 'fail', 'release'];
const ENDS: readonly TaskState[] = ['completed', 'canceled', 'evicted', 'failed'];

/** The specification's sentence, as pairs. */
const LEGAL: Readonly<Record<string, TaskState>> = {
  'queued claim': 'running',
  'queued cancel': 'canceled',
  'queued evict': 'evicted',
  'queued expire': 'failed',
  'running complete': 'completed',
  'running cancel': 'canceled',
  'running fail': 'failed',
  'running release': 'queued',
};

verifies('ORCH-3000', 'a task moves along the table and nowhere else', () => {
  expect([...TASK_STATES].sort()).toEqual(Object.keys(TASK_TRANSITIONS).sort());
  for (const state of TASK_STATES) {
    for (const event of EVENTS) expect(transition(state, event), `${state} ${event}`).toBe(LEGAL[`${state} ${event}`]);
  }
});

verifies('ORCH-3001', 'exactly the four ends are terminal', () => {
  expect(TASK_STATES.filter(isTerminal)).toEqual(ENDS);
});
