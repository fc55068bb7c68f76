// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { Task, TaskView } from '@llama-orch/orchestrator-core';
import type { ChatMessage, JsonValue, WorkerInput } from '@llama-orch/worker-adapter-api';
import { toWireReceipt, toWireTaskSummary } from './to-wire.ts';

/** What stands in a trace for a text that is not kept. */
export const REDACTED = '[redacted]';

/** All that a job leaves behind but its output: what was asked, how it ended, and where its transcript is; ORCH-1331. */
export function toWireTrace(view: TaskView, { keepPrompts }: { keepPrompts: boolean }): JsonValue {
  const { task, receipt } = view;
  return {
    task: toWireTaskSummary(view) as unknown as JsonValue,
    request: toWireRequest(task, keepPrompts ? (text) => text : () => REDACTED) as unknown as JsonValue,
    receipt: receipt === undefined ? undefined : toWireReceipt(receipt),
    transcript: { stream: `/v1/tasks/${task.id}/stream`, output_sha256: receipt?.outputSha256 },
  };
}

/** The request with every default filled in; every text the model reads goes through `shown`. */
export function toWireRequest(task: Task, shown: (text: string) => string): Wire.TaskRequest {
  const { sampling, acceptedAtMs, deadlineAtMs } = task;
  return {
    ...toWireInput(task.input, shown),
    task_id: task.id,
    session_id: task.sessionId,
    pool_id: task.poolId,
    ctx: task.ctxTokens,
    priority: task.priority,
    max_tokens: task.maxTokens,
    deadline_ms: deadlineAtMs === undefined ? undefined : Math.round(deadlineAtMs - acceptedAtMs),
    expected_tokens: task.expectedTokens,
    seed: sampling.seed,
    determinism: task.determinism,
    sampler_profile_version: task.samplerProfileVersion,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: [...sampling.stop],
    response_format: task.responseFormat as Wire.ResponseFormat | undefined,
    kv_hint: task.kvHint,
    output_mode: task.outputMode,
    metadata: task.metadata as Record<string, string>,
  };
}

type WorkFields = Pick<Wire.TaskRequest, 'workload' | 'prompt' | 'messages' | 'inputs' | 'tools' | 'tool_choice'>;

function toWireInput(input: WorkerInput, shown: (text: string) => string): WorkFields {
  const { workload } = input;
  switch (workload) {
    case 'completion':
      return { workload, prompt: shown(input.prompt) };
    case 'chat': {
      // A tool's schema is a part of the prompt, but no text: of a redacted one only the name is told.
      const isKept = shown('') === '';
      const tools = input.tools.map(({ name, ...tool }) => (isKept ? { name, ...tool } : { name, parameters: {} }));
      const messages = input.messages.map((message) => toWireMessage(message, shown));
      return { workload, messages, tools: tools.length === 0 ? undefined : tools, tool_choice: input.toolChoice };
    }
    case 'embedding':
      return { workload, inputs: input.inputs.map(shown) };
    case 'rerank':
      return { workload, prompt: shown(input.query), inputs: input.documents.map(shown) };
  }
}

function toWireMessage(message: ChatMessage, shown: (text: string) => string): Wire.ChatMessage {
  const { role, content, toolCalls, toolCallId } = message;
  const calls = toolCalls?.map((call) => ({ ...call, arguments: shown(call.arguments) }));
  return { role, content: shown(content), tool_calls: calls, tool_call_id: toolCallId };
}
