// SPDX-License-Identifier: MIT
export {
  createClient,
  type ArtifactQuery,
  type CallOptions,
  type ClientOptions,
  type OrchClient,
  type TaskDetail,
  type TaskQuery,
} from './create-client.ts';
export { OrchApiError, type OrchApiErrorOptions } from './http/orch-api-error.ts';
export { OrchConnectionError } from './http/orch-connection-error.ts';
export { RECONNECT_DEFAULTS, type ReconnectOptions } from './stream/back-off.ts';
export type { Fetch, WireOptions } from './http/wire-calls.ts';
export type { ServiceEvent } from './stream/service-event.ts';
export type { TaskFrame, TaskFrameData, TaskFrameName } from './stream/task-frame.ts';
export type { TaskResult, TaskStream } from './stream/task-stream.ts';
export type {
  Artifact,
  ArtifactInfo,
  ArtifactList,
  ArtifactRequest,
  Capabilities,
  EndFrame,
  ErrorDetails,
  ErrorFrame,
  MetricsFrame,
  ErrorCode,
  Model,
  ModelChangedEvent,
  ModelRequest,
  ModelState,
  ModelVerification,
  ConfigReload,
  Pool,
  PoolHealth,
  Receipt,
  ReplicaChangedEvent,
  Session,
  StartedFrame,
  Store,
  Task,
  TaskAccepted,
  TaskChangedEvent,
  TaskList,
  TaskPlan,
  TaskRejectedEvent,
  TaskRequest,
  TokenFrame,
  WaitingFor,
} from '@llama-orch/api-types';
