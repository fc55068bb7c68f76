// SPDX-License-Identifier: MIT
import type { ChatMessage, ToolCall } from '@llama-orch/worker-adapter-api';
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp';
import { invalidParams } from './engine-error.ts';

/** What the model said in one turn, with the tools it called. */
interface ModelTurn extends ChatModelResponse {
  readonly response: (string | ChatModelFunctionCall)[];
}

/**
 * Messages as node-llama-cpp takes them, up to where the model is to go on: what a tool answered belongs to its call, and the
 * turn in which it was called goes on behind it.
 *
 * @throws EngineError INVALID_PARAMS for an answer to no call, and arguments that are not JSON.
 */
export function chatHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [];
  const open = new Map<string, ChatModelFunctionCall>();
  for (const [index, message] of messages.entries()) {
    const { role, content, toolCalls = [], toolCallId } = message;
    if (role === 'tool') answer(open, { index, content, toolCallId });
    else if (role === 'assistant') history.push(turnOf(content, toolCalls, { index, open }));
    else history.push({ type: role, text: content });
  }
  const last = history.at(-1);
  const goesOn = last?.type === 'model' && typeof last.response.at(-1) === 'object';
  return goesOn ? history : [...history, { type: 'model', response: [] }];
}

interface Place {
  /** In the messages. */
  readonly index: number;
  /** Calls that wait for their answer, by id. */
  readonly open: Map<string, ChatModelFunctionCall>;
}

function turnOf(content: string, calls: readonly ToolCall[], { index, open }: Place): ModelTurn {
  const turn: ModelTurn = { type: 'model', response: content === '' && calls.length > 0 ? [] : [content] };
  for (const [at, { id, name, arguments: text }] of calls.entries()) {
    const params = jsonOr(text, undefined);
    if (params === undefined) throw invalidParams(`$.messages[${index}].tool_calls[${at}].arguments`, 'Not JSON.');
    const call: ChatModelFunctionCall = { type: 'functionCall', name, params, result: '' };
    turn.response.push(call);
    open.set(id, call);
  }
  return turn;
}

interface Answer {
  readonly index: number;
  readonly content: string;
  readonly toolCallId: string | undefined;
}

function answer(open: Map<string, ChatModelFunctionCall>, { index, content, toolCallId }: Answer): void {
  // Without an id it answers the call that waits longest.
  const id = toolCallId ?? open.keys().next().value;
  const call = id === undefined ? undefined : open.get(id);
  if (id === undefined || call === undefined) throw invalidParams(`$.messages[${index}]`, 'It answers no tool call.');
  call.result = jsonOr(content, content);
  open.delete(id);
}

/** The value of a JSON text, else `otherwise`. */
function jsonOr(text: string, otherwise: string | undefined): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Tools may answer with any text.
    return otherwise;
  }
}
