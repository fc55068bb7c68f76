// SPDX-License-Identifier: MIT
import { requestOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import type { WorkerInput, WorkerRequest } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { chatBody, completionBody, tokenizeBodies, type VllmModel } from './map-request.ts';

type Body = Readonly<Record<string, unknown>>;

const model: VllmModel = { servedName: 'm', grammarField: 'structured_outputs' };
const SAMPLING = {
  seed: 4_294_967_294,
  temperature: 0,
  topP: 0.9,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1.1,
  presencePenalty: -1,
  frequencyPenalty: 2,
  stop: ['\n\n', 'END'],
};
const completion = (parts: Partial<WorkerRequest> = {}, of = model): Body =>
  JSON.parse(completionBody(requestOf('rain', parts), 'rain', of)) as Body;
const chat = (input: Partial<Extract<WorkerInput, { workload: 'chat' }>> = {}): Body => {
  const whole = { workload: 'chat', messages: [{ role: 'user', content: 'rain?' }], tools: [], ...input } as const;
  return JSON.parse(chatBody(requestOf('', { input: whole }), whole, model)) as Body;
};

/** Every field the adapter knows, neutral where a request has no word for it. */
const NEUTRAL = {
  n: 1,
  stream: true,
  stream_options: { include_usage: true, continuous_usage_stats: true },
  stop_token_ids: [],
  include_stop_str_in_output: false,
  ignore_eos: false,
  min_tokens: 0,
  bad_words: [],
  logit_bias: {},
  skip_special_tokens: true,
  spaces_between_special_tokens: true,
  priority: 0,
};

verifies(['ORCH-4504', 'ORCH-1502', 'ORCH-1510'], 'a completion carries every sampler field and no other', () => {
  expect(completion({ sampling: SAMPLING, maxTokens: 9, jobId: 'j' })).toEqual({
    ...NEUTRAL,
    model: 'm',
    prompt: 'rain',
    echo: false,
    add_special_tokens: true,
    max_tokens: 9,
    seed: 4_294_967_294,
    temperature: 0,
    top_k: 40,
    top_p: 0.9,
    min_p: 0.05,
    repetition_penalty: 1.1,
    presence_penalty: -1,
    frequency_penalty: 2,
    stop: ['\n\n', 'END'],
    cache_salt: 'j',
  });
});

verifies(['ORCH-4504', 'ORCH-1502'], 'settings that are off are sent as well', () => {
  const { cache_salt: _salt, ...body } = chat();
  expect(body).toEqual({
    ...NEUTRAL,
    model: 'm',
    messages: [{ role: 'user', content: 'rain?' }],
    logprobs: false,
    echo: false,
    add_generation_prompt: true,
    add_special_tokens: false,
    max_tokens: 64,
    seed: 7,
    temperature: 0.8,
    top_k: 0,
    top_p: 1,
    min_p: 0,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    stop: [],
  });
});

verifies('ORCH-4506', 'tools, calls and their answers have the form of the API', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  const call = { id: 'c1', name: 'get_rain', arguments: '{"city":"Bern"}' };
  const body = chat({
    messages: [
      { role: 'user', content: 'rain?' },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: '3 mm', toolCallId: 'c1' },
    ],
    tools: [{ name: 'get_rain', description: 'mm', parameters }],
    toolChoice: 'required',
  });
  expect(body).toMatchObject({
    messages: [
      { role: 'user', content: 'rain?' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_rain', arguments: '{"city":"Bern"}' } }],
      },
      { role: 'tool', content: '3 mm', tool_call_id: 'c1' },
    ],
    tools: [{ type: 'function', function: { name: 'get_rain', description: 'mm', parameters } }],
    tool_choice: 'required',
  });
});

verifies('ORCH-4507', 'a schema is a response format; a grammar has the field its build reads', () => {
  const schema = { type: 'object', required: ['a'] };
  expect(completion({ responseFormat: { type: 'json_schema', schema } })['response_format']).toEqual({
    type: 'json_schema',
    json_schema: { name: 'output', schema, strict: true },
  });
  const responseFormat = { type: 'grammar', grammar: 'root ::= "a"' } as const;
  const now = completion({ responseFormat });
  expect([now['structured_outputs'], now['guided_grammar']]).toEqual([{ grammar: 'root ::= "a"' }, undefined]);
  const before = completion({ responseFormat }, { servedName: 'm', grammarField: 'guided_grammar' });
  expect([before['structured_outputs'], before['guided_grammar']]).toEqual([undefined, 'root ::= "a"']);
});

verifies('ORCH-4508', 'only a best-effort request with the hint reuse shares prefixes', () => {
  for (const [determinism, kvHint, isSalted] of [
    ['strict', 'reuse', true],
    ['strict', 'cold', true],
    ['best_effort', 'cold', true],
    ['best_effort', 'reuse', false],
  ] as const) {
    expect([determinism, kvHint, 'cache_salt' in completion({ determinism, kvHint })]).toEqual([
      determinism,
      kvHint,
      isSalted,
    ]);
  }
});

verifies('ORCH-4515', 'every input is counted as it would be read', () => {
  const bodies = (input: WorkerInput): unknown =>
    tokenizeBodies(input, model).map((body) => JSON.parse(body) as unknown);
  const counted = (prompt: string): object => ({ model: 'm', prompt, add_special_tokens: true });
  expect(bodies({ workload: 'completion', prompt: 'a' })).toEqual([counted('a')]);
  expect(bodies({ workload: 'embedding', inputs: ['a', 'b'] })).toEqual([counted('a'), counted('b')]);
  expect(bodies({ workload: 'rerank', query: 'q', documents: ['a', 'b'] })).toEqual([counted('qa'), counted('qb')]);
  const messages = [{ role: 'user', content: 'a' }] as const;
  expect(bodies({ workload: 'chat', messages, tools: [] })).toEqual([
    { model: 'm', messages, add_generation_prompt: true, add_special_tokens: false },
  ]);
});
