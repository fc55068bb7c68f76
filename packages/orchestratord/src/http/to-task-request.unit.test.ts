// SPDX-License-Identifier: MIT
import type { TaskRequest } from '@llama-orch/api-types';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { toTaskRequest } from './to-task-request.ts';

const messages = [{ role: 'user', content: 'hi' }] as const;
const tools = [{ name: 'f', parameters: { type: 'object' } }];
const calls = [{ id: 'c', name: 'f', arguments: '{}' }];

function fieldOf(body: TaskRequest): unknown {
  try {
    toTaskRequest(body);
    return undefined;
  } catch (error) {
    const { code, details } = error as { code: string; details: { field: string } };
    expect(code).toBe('INVALID_PARAMS');
    return details.field;
  }
}

verifies('ORCH-2101', 'the workload follows from the field that carries the work', () => {
  expect(toTaskRequest({ prompt: 'hi' }).input).toEqual({ workload: 'completion', prompt: 'hi' });
  expect(toTaskRequest({ messages }).input).toEqual({ workload: 'chat', messages, tools: [] });
  expect(toTaskRequest({ inputs: ['a'] }).input).toEqual({ workload: 'embedding', inputs: ['a'] });
});

verifies('ORCH-2101', 'nothing is filled in that the client did not send', () => {
  const { input: _input, ...rest } = toTaskRequest({ prompt: 'hi' });
  expect(JSON.stringify(rest)).toBe('{}');
});

verifies('ORCH-2102', 'the work of each workload is complete', () => {
  expect(toTaskRequest({ workload: 'rerank', prompt: 'q', inputs: ['a', 'b'] }).input).toEqual({
    workload: 'rerank',
    query: 'q',
    documents: ['a', 'b'],
  });
  expect(toTaskRequest({ messages, tools, tool_choice: 'required' }).input).toEqual({
    workload: 'chat',
    messages,
    tools,
    toolChoice: 'required',
  });
});

verifies('ORCH-2102', 'work that does not fit its workload is refused by name', () => {
  const cases: readonly (readonly [TaskRequest, string])[] = [
    [{}, '$.prompt'],
    [{ prompt: 'a', messages }, '$.prompt'],
    [{ prompt: 'a', inputs: ['b'] }, '$.inputs'],
    [{ prompt: 'a', tools }, '$.tools'],
    [{ prompt: 'a', tool_choice: 'auto' }, '$.tool_choice'],
    [{ messages, tool_choice: 'auto' }, '$.tool_choice'],
    [{ messages: [{ role: 'user', content: 'a', tool_calls: calls }], tools }, '$.messages[0].tool_calls'],
    [{ workload: 'chat', prompt: 'a' }, '$.prompt'],
    [{ workload: 'chat' }, '$.messages'],
    [{ workload: 'completion', messages }, '$.messages'],
    [{ workload: 'embedding', prompt: 'a' }, '$.prompt'],
    [{ workload: 'embedding', inputs: ['a'], response_format: { type: 'grammar', grammar: 'x' } }, '$.response_format'],
    [{ workload: 'rerank', prompt: 'a' }, '$.inputs'],
    [{ workload: 'rerank', inputs: ['a'] }, '$.prompt'],
  ];
  for (const [body, field] of cases) expect(fieldOf(body), JSON.stringify(body)).toBe(field);
});

verifies('ORCH-2102', 'an incomplete or double response format is refused by name', () => {
  const cases: readonly (readonly [TaskRequest['response_format'], string])[] = [
    [{ type: 'json_schema' }, '$.response_format.schema'],
    [{ type: 'json_schema', schema: {}, grammar: 'x' }, '$.response_format.grammar'],
    [{ type: 'grammar' }, '$.response_format.grammar'],
    [{ type: 'grammar', grammar: 'x', schema: {} }, '$.response_format.schema'],
  ];
  for (const [format, field] of cases) expect(fieldOf({ prompt: 'a', response_format: format })).toBe(field);
  const schema = { type: 'object' };
  expect(toTaskRequest({ prompt: 'a', response_format: { type: 'json_schema', schema } }).responseFormat).toEqual({
    type: 'json_schema',
    schema,
  });
});

verifies('ORCH-2100', 'every field of the wire has its word in the core', () => {
  const request = toTaskRequest({
    task_id: '3F0E4A52-6A0B-4F0E-9A57-0D4AC0F5A6B1',
    session_id: 's',
    messages: [
      ...messages,
      { role: 'assistant', content: '', tool_calls: calls },
      { role: 'tool', content: 'x', tool_call_id: 'c' },
    ],
    model_ref: 'm',
    engine: 'mock',
    pool_id: 'p',
    ctx: 1,
    priority: 'batch',
    max_tokens: 2,
    deadline_ms: 3,
    expected_tokens: 4,
    seed: 5,
    determinism: 'best_effort',
    sampler_profile_version: 'v',
    temperature: 0.1,
    top_p: 0.2,
    top_k: 6,
    min_p: 0.3,
    repeat_penalty: 1.1,
    presence_penalty: 0.4,
    frequency_penalty: 0.5,
    stop: ['.'],
    kv_hint: 'cold',
    output_mode: 'json',
    on_disconnect: 'cancel',
    metadata: { a: 'b' },
  });
  expect(request).toMatchObject({
    taskId: '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1',
    sessionId: 's',
    input: {
      messages: [
        ...messages,
        { role: 'assistant', content: '', toolCalls: calls },
        { role: 'tool', content: 'x', toolCallId: 'c' },
      ],
    },
    modelRef: 'm',
    engine: 'mock',
    poolId: 'p',
    ctxTokens: 1,
    priority: 'batch',
    maxTokens: 2,
    deadlineMs: 3,
    expectedTokens: 4,
    seed: 5,
    determinism: 'best_effort',
    samplerProfileVersion: 'v',
    kvHint: 'cold',
    outputMode: 'json',
    onDisconnect: 'cancel',
    metadata: { a: 'b' },
  });
  expect(request.sampling).toEqual({
    temperature: 0.1,
    topP: 0.2,
    topK: 6,
    minP: 0.3,
    repeatPenalty: 1.1,
    presencePenalty: 0.4,
    frequencyPenalty: 0.5,
    stop: ['.'],
  });
});
