// SPDX-License-Identifier: MIT

/** All states of a task. */
export const TASK_STATES = ['queued', 'running', 'completed', 'canceled', 'evicted', 'failed'] as const;
/** A task's state. */
export type TaskState = (typeof TASK_STATES)[number];

/** What moves a task; the data below is the whole machine. */
export const TASK_TRANSITIONS = {
  queued: { claim: 'running', cancel: 'canceled', evict: 'evicted', expire: 'failed' },
  running: { complete: 'completed', cancel: 'canceled', fail: 'failed', release: 'queued' },
  completed: {},
  canceled: {},
  evicted: {},
  failed: {},
} as const satisfies Record<TaskState, Partial<Record<string, TaskState>>>;

/** Events of the machine. */
export type TaskEvent = 'claim' | 'cancel' | 'evict' | 'expire' | 'complete' | 'fail' | 'release';

/** The state after `event`, or undefined when the machine forbids it. */
export function transition(state: TaskState, event: TaskEvent): TaskState | undefined {
  const row: Partial<Record<TaskEvent, TaskState>> = TASK_TRANSITIONS[state];
  return row[event];
}

const TERMINAL_STATES = TASK_STATES.filter((state) => Object.keys(TASK_TRANSITIONS[state]).length === 0);

/** True when no event can move the task any more. */
export function isTerminal(state: TaskState): boolean {
  return TERMINAL_STATES.includes(state);
}
