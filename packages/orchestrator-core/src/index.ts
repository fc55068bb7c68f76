// SPDX-License-Identifier: MIT
// For those who run an orchestrator.
export type {
  BudgetView,
  ControlEvent,
  Orchestrator,
  OrchestratorOptions,
  PoolSpec,
  PoolView,
  ReplicaSpec,
  ReplicaView,
  SamplerProfile,
  SessionView,
  Submission,
  TaskPage,
  TaskQuery,
} from './orchestrator-api.ts';
export type { JobId, PoolId, ReplicaId, SessionId, TaskId } from './task/ids.ts';
export { TASK_STATES, isTerminal, type TaskState } from './task/task-state.ts';
export {
  PRIORITIES,
  type AdmissionAnswer,
  type Caller,
  type Priority,
  type Receipt,
  type Task,
  type TaskEnd,
  type TaskOutput,
  type TaskRequest,
  type TaskTimings,
  type TaskView,
} from './task/task.ts';
export type {
  EndChunk,
  ErrorChunk,
  MetricsChunk,
  ReadOptions,
  StartedChunk,
  StreamChunk,
  TaskReader,
  TokensChunk,
} from './stream/task-reader.ts';

export { createMemoryTaskQueue, type MemoryTaskQueueOptions } from './queue/memory-task-queue.ts';

// For those who write a queue backend or another host.
export type {
  Admission,
  CancelOutcome,
  FullPolicy,
  Lease,
  QueueLimits,
  QueueSnapshot,
  SettleOutcome,
  TaskQueue,
} from './queue/task-queue.ts';
export type {
  Clock,
  CorePorts,
  Digest,
  IdSource,
  LogFields,
  Logger,
  LogLevel,
  Meter,
  Random,
  Service,
  Timer,
} from './ports.ts';
