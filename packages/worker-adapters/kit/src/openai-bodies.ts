// SPDX-License-Identifier: MIT
import type { ChatMessage, JsonObject, JsonValue, ToolDefinition } from '@llama-orch/worker-adapter-api';

/** Messages as OpenAI's chat API takes them. */
export function toOpenAiMessages(messages: readonly ChatMessage[]): readonly JsonObject[] {
  return messages.map(({ role, content, toolCalls, toolCallId }) => ({
    role,
    content,
    tool_calls: toolCalls?.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    })),
    tool_call_id: toolCallId,
  }));
}

/** Tools as OpenAI's chat API takes them; undefined for none, since an empty list is refused by some. */
export function toOpenAiTools(tools: readonly ToolDefinition[]): readonly JsonObject[] | undefined {
  if (tools.length === 0) return undefined;
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }));
}

/** A JSON schema as `response_format`. */
export function toOpenAiResponseFormat(schema: JsonValue): JsonObject {
  return { type: 'json_schema', json_schema: { name: 'output', schema, strict: true } };
}
