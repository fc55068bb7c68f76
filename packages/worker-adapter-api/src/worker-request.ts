// SPDX-License-Identifier: MIT
import type { JsonObject, JsonValue } from './json-value.ts';

/** What kind of work a task asks for. */
export type Workload = 'completion' | 'chat' | 'embedding' | 'rerank';

/** Whether a result must be reproducible byte for byte. */
export type Determinism = 'strict' | 'best_effort';

/** One message of a chat. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** For `assistant` messages: the tools that were called in it. */
  readonly toolCalls?: readonly ToolCall[];
  /** For `tool` messages: the call this answers. */
  readonly toolCallId?: string;
}

/** What a model wants a tool to be called with. */
export interface ToolCallText {
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** A call of a tool, with the id by which a `tool` message answers it. */
export interface ToolCall extends ToolCallText {
  readonly id: string;
}

/** Whether the model may call a tool, or must. */
export type ToolChoice = 'auto' | 'required';

/** A function the model may call; the schema is JSON Schema. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonObject;
}

/** The work itself, by workload. */
export type WorkerInput =
  | { readonly workload: 'completion'; readonly prompt: string }
  | {
      readonly workload: 'chat';
      readonly messages: readonly ChatMessage[];
      readonly tools: readonly ToolDefinition[];
      /** Absent: `auto`. */
      readonly toolChoice?: ToolChoice;
    }
  | { readonly workload: 'embedding'; readonly inputs: readonly string[] }
  | { readonly workload: 'rerank'; readonly query: string; readonly documents: readonly string[] };

/** Every sampler setting, always complete, so that no engine default can slip in. */
export interface Sampling {
  /** 0 to 2^32 - 2. */
  readonly seed: number;
  /** 0 means greedy. */
  readonly temperature: number;
  /** 1 switches it off. */
  readonly topP: number;
  /** 0 switches it off. */
  readonly topK: number;
  /** 0 switches it off. */
  readonly minP: number;
  /** 1 switches it off. */
  readonly repeatPenalty: number;
  /** 0 switches it off. */
  readonly presencePenalty: number;
  /** 0 switches it off. */
  readonly frequencyPenalty: number;
  /** Texts that end the generation; not part of the output. */
  readonly stop: readonly string[];
}

/** A constraint on the output's form. */
export type ResponseFormat =
  { readonly type: 'json_schema'; readonly schema: JsonValue } | { readonly type: 'grammar'; readonly grammar: string };

/** One generation, complete: nothing is left to an engine's default. */
export interface WorkerRequest {
  readonly jobId: string;
  /** Lets the engine keep a session's context memory in one slot. */
  readonly sessionId?: string;
  readonly input: WorkerInput;
  /** Upper bound of generated tokens. */
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly responseFormat?: ResponseFormat;
  /** `strict`: the adapter uses only settings that keep byte-identical output, or rejects INVALID_PARAMS. */
  readonly determinism: Determinism;
  /** `reuse`: context memory of earlier turns may be used where determinism allows; `cold`: never. */
  readonly kvHint: 'reuse' | 'cold';
}
