// SPDX-License-Identifier: MIT
export type { JsonObject, JsonValue } from './json-value.ts';
export { OrchError, type ErrorPhase, type OrchErrorOptions } from './orch-error.ts';
export type {
  ChatMessage,
  Determinism,
  ResponseFormat,
  Sampling,
  ToolCall,
  ToolCallText,
  ToolChoice,
  ToolDefinition,
  WorkerInput,
  WorkerRequest,
  Workload,
} from './worker-request.ts';
export type {
  DeviceMemory,
  FinishReason,
  HeldContext,
  TokenSink,
  WorkerAdapter,
  WorkerEnd,
  WorkerFeatures,
  WorkerHealth,
  WorkerMetrics,
  WorkerProps,
} from './worker-adapter.ts';
