// SPDX-License-Identifier: MIT

// For users: make an orchestrator and talk to it.
export { createOrchestrator } from './orchestrator.ts';
export { DEFAULT_OPTIONS, DEFAULT_QUEUE_LIMITS, DEFAULT_SAMPLER_PROFILE } from './default-options.ts';
export type { KeyRules } from './queue/key-slots.ts';
export type { SteerOutcome, Steering } from './queue/steering.ts';
export type { MemoryTaskQueueOptions } from './queue/memory-queue-options.ts';
export { createMemoryTaskQueue } from './queue/memory-task-queue.ts';
export type {
  ControlEvent,
  Orchestrator,
  OrchestratorOptions,
  PoolPins,
  PoolSpec,
  PoolView,
  ReplicaSpec,
  ReplicaView,
  SamplerProfile,
  SessionView,
  Steered,
  Submission,
  TaskPage,
  TaskQuery,
  TokenPrice,
} from './orchestrator-api.ts';
export type { DrainOptions, PoolPolicy, PoolDemand, PoolOperations } from './pool/pool-operations.ts';
export type { WatchdogLimits } from './dispatch/watchdog.ts';
export type { JobId, KeyId, PoolId, ReplicaId, SessionId, TaskId } from './task/ids.ts';
export { burstOf } from './keys/key-account.ts';
export type { KeyBudget, KeySpec } from './keys/key-spec.ts';
export type { Amounts, BudgetKind, LimitedAmounts } from './budget/budget.ts';
export {
  isTerminal,
  TASK_STATES,
  TASK_TRANSITIONS,
  transition,
  type TaskEvent,
  type TaskState,
} from './task/task-state.ts';
export {
  PRIORITIES,
  type AdmissionAnswer,
  type Caller,
  type DisconnectPolicy,
  type EngineIdentity,
  type JobAttempt,
  type Priority,
  type Receipt,
  type Task,
  type TaskEnd,
  type TaskOutput,
  type TaskRequest,
  type TaskTimings,
  type TaskUsage,
  type TaskView,
} from './task/task.ts';
export type { BesideReason, WaitingFor, WaitReason } from './waiting/why-waiting.ts';
export { followTask, type FollowOptions } from './stream/follow-task.ts';
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

// For libraries: the ports to fill, and the rules that others may reuse.
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
  RunningDigest,
  Service,
  Timer,
} from './ports.ts';
export type {
  AcceptedAdmission,
  Admission,
  CancelOutcome,
  FullPolicy,
  Lease,
  PlaceInLine,
  Preview,
  QueueHold,
  QueueLimits,
  QueueSnapshot,
  RefusedAdmission,
  Settlement,
  SettleOutcome,
  TaskQueue,
} from './queue/task-queue.ts';
export type { EndedTask } from './queue/ended-tasks.ts';
export type { DecidedEnd, QueueContents, QueueJournal } from './queue/queue-journal.ts';
export type {
  ArchivePage,
  DeliveredPrefix,
  KeptKey,
  KeptSession,
  RecoveredTask,
  Recovery,
  TaskArchive,
  TaskStore,
} from './store/task-store.ts';
export type { Refusal } from './admission/refusal.ts';
export type { PoolReason, TaskPlan } from './admission/task-plan.ts';
export { canonicalJson } from './admission/canonical-json.ts';
export { pickWorker, type Placement, type PlacementWish, type WorkerCandidate } from './scheduling/pick-worker.ts';
