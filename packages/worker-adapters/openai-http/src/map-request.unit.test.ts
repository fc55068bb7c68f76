// SPDX-License-Identifier: MIT
import { PLAIN_SAMPLING, requestOf } from '@llama-orch/adapter-kit/testkit';
import { verifies } from '@llama-orch/test-kit';
import { OrchError, type Sampling, type WorkerInput, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { chatBody, completionBody, refuseUnsent, type RequestOptions } from './map-request.ts';

type Body = Readonly<Record<string, unknown>>;
type ChatInput = Extract<WorkerInput, { workload: 'chat' }>;

const CHAT: ChatInput = { workload: 'chat', messages: [{ role: 'user', content: 'rain?' }], tools: [] };
const completion = (parts: Partial<WorkerRequest> = {}, options: Partial<RequestOptions> = {}): Body =>
  JSON.parse(completionBody(requestOf('rain', parts), 'rain', { modelId: 'm', ...options })) as Body;
const chat = (input: ChatInput = CHAT, options: Partial<RequestOptions> = {}): Body =>
  JSON.parse(chatBody(requestOf('', { input }), input, { modelId: 'm', ...options })) as Body;

/** The whole table of fields, with the values of {@link requestOf}. */
const FIELDS = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  n: 1,
  seed: 7,
  temperature: 0.8,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  stop: null,
};

verifies(
  ['ORCH-4553', 'ORCH-1502'],
  'every sampler field of the API is sent, also where it is off, and no other',
  () => {
    expect(completion()).toEqual({ ...FIELDS, prompt: 'rain', max_tokens: 64, echo: false });
    expect(chat()).toEqual({ ...FIELDS, messages: [{ role: 'user', content: 'rain?' }], max_tokens: 64 });
  },
);

verifies(['ORCH-4553', 'ORCH-1502'], 'further sampler fields are sent as configured, each under its name', () => {
  const sampling = { ...PLAIN_SAMPLING, topK: 40, minP: 0.05, repeatPenalty: 1.1, stop: ['END'] };
  expect(completion({ sampling }, { samplerFields: ['top_k', 'min_p', 'repetition_penalty'] })).toEqual({
    ...FIELDS,
    prompt: 'rain',
    max_tokens: 64,
    echo: false,
    stop: ['END'],
    top_k: 40,
    min_p: 0.05,
    repetition_penalty: 1.1,
  });
  expect(completion({ sampling }, { samplerFields: ['repeat_penalty'] })['repeat_penalty']).toBe(1.1);
});

verifies(['ORCH-4552', 'ORCH-1513'], 'a chat has one bound on tokens, under the configured name', () => {
  for (const field of ['max_tokens', 'max_completion_tokens'] as const) {
    const body = chat(CHAT, { maxTokensField: field });
    expect(Object.keys(body).filter((key) => key.startsWith('max_'))).toEqual([field]);
    expect(completion({}, { maxTokensField: field })['max_tokens']).toBe(64);
  }
});

verifies('ORCH-4556', 'a setting that cannot be sent is refused unless it is off', () => {
  const refusedField = (sampling: Partial<Sampling>, options: Partial<RequestOptions> = {}): unknown => {
    try {
      refuseUnsent(requestOf('a', { sampling: { ...PLAIN_SAMPLING, ...sampling } }), { modelId: 'm', ...options });
      return undefined;
    } catch (error) {
      return OrchError.is(error) && error.code === 'INVALID_PARAMS' ? error.details['field'] : error;
    }
  };
  expect(refusedField({})).toBeUndefined();
  expect(refusedField({ topK: 40 })).toBe('$.top_k');
  expect(refusedField({ minP: 0.05 })).toBe('$.min_p');
  expect(refusedField({ repeatPenalty: 1.1 })).toBe('$.repeat_penalty');
  expect(refusedField({ topK: 40, minP: 0.05 }, { samplerFields: ['top_k', 'min_p'] })).toBeUndefined();
  expect(refusedField({ repeatPenalty: 1.1 }, { samplerFields: ['repetition_penalty'] })).toBeUndefined();
  expect(refusedField({ repeatPenalty: 1.1 }, { samplerFields: ['repeat_penalty'] })).toBeUndefined();
});

verifies('ORCH-4558', 'tools and schemas have the form of the API', () => {
  const schema = { type: 'object' };
  const tools = [{ name: 'get_rain', parameters: schema }];
  expect(chat({ ...CHAT, tools })).toMatchObject({
    tools: [{ type: 'function', function: { name: 'get_rain', parameters: schema } }],
    tool_choice: 'auto',
  });
  expect(completion({ responseFormat: { type: 'json_schema', schema } })['response_format']).toEqual({
    type: 'json_schema',
    json_schema: { name: 'output', schema, strict: true },
  });
});
