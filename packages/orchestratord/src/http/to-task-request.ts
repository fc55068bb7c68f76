// SPDX-License-Identifier: MIT
import type * as Wire from '@llama-orch/api-types';
import type { PoolId, SessionId, TaskId, TaskRequest } from '@llama-orch/orchestrator-core';
import type { ChatMessage, JsonObject, ResponseFormat, WorkerInput, Workload } from '@llama-orch/worker-adapter-api';
import { refusal } from './refusal.ts';

type WorkField = 'prompt' | 'messages' | 'inputs' | 'tools' | 'tool_choice' | 'response_format';

/** Which fields carry the work of a workload, and which it may not have. */
const WORK_FIELDS = {
  completion: { needed: ['prompt'], refused: ['messages', 'inputs', 'tools', 'tool_choice'] },
  chat: { needed: ['messages'], refused: ['prompt', 'inputs'] },
  embedding: { needed: ['inputs'], refused: ['prompt', 'messages', 'tools', 'tool_choice', 'response_format'] },
  rerank: { needed: ['prompt', 'inputs'], refused: ['messages', 'tools', 'tool_choice', 'response_format'] },
} as const satisfies Record<Workload, { needed: readonly WorkField[]; refused: readonly WorkField[] }>;

/**
 * A valid wire body in the words of the core. Checks what a schema cannot say well: that the work fits its workload.
 *
 * @throws OrchError INVALID_PARAMS naming the field; ORCH-2102.
 */
export function toTaskRequest(body: Wire.TaskRequest): TaskRequest {
  return {
    taskId: body.task_id?.toLowerCase() as TaskId | undefined,
    sessionId: body.session_id as SessionId | undefined,
    input: toInput(body),
    modelRef: body.model_ref,
    engine: body.engine,
    poolId: body.pool_id as PoolId | undefined,
    ctxTokens: body.ctx,
    priority: body.priority,
    maxTokens: body.max_tokens,
    deadlineMs: body.deadline_ms,
    expectedTokens: body.expected_tokens,
    seed: body.seed,
    determinism: body.determinism,
    samplerProfileVersion: body.sampler_profile_version,
    sampling: toSampling(body),
    responseFormat: body.response_format === undefined ? undefined : toResponseFormat(body.response_format),
    kvHint: body.kv_hint,
    outputMode: body.output_mode,
    onDisconnect: body.on_disconnect,
    metadata: body.metadata,
  };
}

function toInput(body: Wire.TaskRequest): WorkerInput {
  const workload = body.workload ?? defaultWorkload(body);
  const { needed, refused } = WORK_FIELDS[workload];
  // ORCH-2102: a field that would be ignored is a misunderstanding
  for (const field of refused) {
    if (body[field] !== undefined) throw misfit(field, `nothing with workload ${workload}`);
  }
  for (const field of needed) {
    if (body[field] === undefined) throw misfit(field, `a value with workload ${workload}`);
  }
  const { prompt = '', inputs = [] } = body;
  // In the order of canonical JSON, which then has nothing to sort.
  switch (workload) {
    case 'completion':
      return { prompt, workload };
    case 'chat':
      return toChat(body);
    case 'embedding':
      return { inputs, workload };
    case 'rerank':
      return { documents: inputs, query: prompt, workload };
  }
}

function toChat({ messages = [], tools = [], tool_choice: toolChoice }: Wire.TaskRequest): WorkerInput {
  if (toolChoice !== undefined && tools.length === 0) throw misfit('tool_choice', 'tools to choose from');
  return {
    messages: messages.map(toMessage),
    toolChoice,
    tools: tools.map(({ ...tool }) => toTool(tool)),
    workload: 'chat',
  };
}

function defaultWorkload(body: Wire.TaskRequest): Workload {
  if (body.messages !== undefined) return 'chat';
  return body.inputs !== undefined && body.prompt === undefined ? 'embedding' : 'completion';
}

function toMessage(message: Wire.ChatMessage, index: number): ChatMessage {
  const { role, content, tool_calls: toolCalls, tool_call_id: toolCallId } = message;
  if (toolCalls !== undefined && role !== 'assistant') {
    throw misfit(`messages[${index}].tool_calls`, 'nothing with this role');
  }
  return { content, role, toolCallId, toolCalls };
}

function toTool(tool: Wire.ToolDefinition): { name: string; description?: string; parameters: JsonObject } {
  return { ...tool, parameters: tool.parameters as JsonObject };
}

/** Fields of the body, and the members they become. */
const SAMPLING_FIELDS = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['min_p', 'minP'],
  ['repeat_penalty', 'repeatPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['stop', 'stop'],
] as const;

function toSampling(body: Wire.TaskRequest): TaskRequest['sampling'] {
  const given = SAMPLING_FIELDS.filter(([field]) => body[field] !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given.map(([field, member]) => [member, body[field]]));
}

function toResponseFormat({ type, schema, grammar }: Wire.ResponseFormat): ResponseFormat {
  if (type === 'json_schema') {
    if (schema === undefined) throw misfit('response_format.schema', 'a schema with type json_schema');
    if (grammar !== undefined) throw misfit('response_format.grammar', 'nothing with type json_schema');
    return { type, schema: schema as JsonObject };
  }
  if (grammar === undefined) throw misfit('response_format.grammar', 'a grammar with type grammar');
  if (schema !== undefined) throw misfit('response_format.schema', 'nothing with type grammar');
  return { type, grammar };
}

function misfit(field: string, expected: string): Error {
  return refusal('INVALID_PARAMS', `$.${field}`, { message: `$.${field}: expected ${expected}.`, expected });
}
