// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { Task, TaskView } from '@llama-orch/orchestrator-core';
import type { ChatMessage, JsonValue, WorkerInput } from '@llama-orch/worker-adapter-api';
import { toWireReceipt, toWireTaskSummary } from './to-wire.ts';

/** What stands in a trace for a text that is not kept. */
export const REDACTED = '[redacted]';

/**
 * All that a job leaves behind but its output: what was asked, how it ended, and where its transcript is; ORCH-1331.
 * Members are written in the order of their names, here and in what is used here: so the trace is canonical as it stands.
 */
export function toWireTrace(view: TaskView, { keepPrompts }: { keepPrompts: boolean }): JsonValue {
  const { task, receipt } = view;
  return {
    receipt: receipt === undefined ? undefined : toWireReceipt(receipt),
    request: toWireRequest(task, keepPrompts ? (text) => text : () => REDACTED) as unknown as JsonValue,
    task: toWireTaskSummary(view) as unknown as JsonValue,
    transcript: { output_sha256: receipt?.outputSha256, stream: `/v1/tasks/${task.id}/stream` },
  };
}

/** The request with every default filled in; every text the model reads goes through `shown`. */
export function toWireRequest(task: Task, shown: (text: string) => string): Wire.TaskRequest {
  const { sampling, acceptedAtMs, deadlineAtMs } = task;
  const work = toWireInput(task.input, shown);
  return {
    ctx: task.ctxTokens,
    deadline_ms: deadlineAtMs === undefined ? undefined : Math.round(deadlineAtMs - acceptedAtMs),
    determinism: task.determinism,
    expected_tokens: task.expectedTokens,
    frequency_penalty: sampling.frequencyPenalty,
    inputs: work.inputs,
    kv_hint: task.kvHint,
    max_tokens: task.maxTokens,
    messages: work.messages,
    metadata: task.metadata as Record<string, string>,
    min_p: sampling.minP,
    output_mode: task.outputMode,
    pool_id: task.poolId,
    presence_penalty: sampling.presencePenalty,
    priority: task.priority,
    prompt: work.prompt,
    repeat_penalty: sampling.repeatPenalty,
    response_format: task.responseFormat as Wire.ResponseFormat | undefined,
    sampler_profile_version: task.samplerProfileVersion,
    seed: sampling.seed,
    session_id: task.sessionId,
    stop: [...sampling.stop],
    task_id: task.id,
    temperature: sampling.temperature,
    tool_choice: work.tool_choice,
    tools: work.tools,
    top_k: sampling.topK,
    top_p: sampling.topP,
    workload: work.workload,
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
      const tools = input.tools.map(({ description, name, parameters }) =>
        isKept ? { description, name, parameters } : { name, parameters: {} },
      );
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
  const calls = toolCalls?.map(({ arguments: given, id, name }) => ({ arguments: shown(given), id, name }));
  return { content: shown(content), role, tool_call_id: toolCallId, tool_calls: calls };
}
