// SPDX-License-Identifier: MIT
import { eventsOf, jsonAnswer, rawAnswer, streamAnswer, type ReplayAnswer } from '@llama-orch/adapter-kit/testkit';
import type { ServerAdapterKind } from '../../config/provisioning.ts';

type Answers = Readonly<Record<string, ReplayAnswer>>;

const streamOf = (...events: readonly unknown[]): Buffer => streamAnswer(eventsOf(events));

const tensor = (name: string, datatype: string): object => ({ name, datatype, shape: [-1, 1] });
const TRITON_INPUTS = [
  tensor('text_input', 'BYTES'),
  tensor('max_tokens', 'INT32'),
  tensor('temperature', 'FP32'),
  tensor('top_k', 'INT32'),
  tensor('top_p', 'FP32'),
  tensor('random_seed', 'UINT64'),
  tensor('stream', 'BOOL'),
];

const chunk = (text: string, finishReason: string | null): object => ({
  id: 'cmpl-1',
  object: 'text_completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, text, logprobs: null, finish_reason: finishReason }],
});

/** What an engine of each kind answers when it is asked what it is, and for one generation; its model is called `m`. */
export const ENGINE_ANSWERS: Readonly<Record<ServerAdapterKind, Answers>> = {
  'llamacpp-http': {
    '/health': jsonAnswer(200, { status: 'ok' }),
    '/props': jsonAnswer(200, {
      default_generation_settings: { n_ctx: 512, params: {} },
      total_slots: 2,
      model_alias: 'm',
      chat_template: '{{ messages }}',
      chat_template_caps: { supports_tools: true, supports_tool_calls: true },
      build_info: 'b1-test',
    }),
    '/slots': jsonAnswer(200, [{ id: 0, is_processing: false }]),
    '/completion': streamOf(
      { index: 0, content: 'a', tokens: [1], stop: false, id_slot: 0, tokens_predicted: 1, tokens_evaluated: 2 },
      { content: '', stop: true, stop_type: 'eos', tokens_predicted: 1, tokens_evaluated: 2, timings: {} },
    ),
  },
  vllm: {
    '/health': rawAnswer(200, '', ''),
    '/version': jsonAnswer(200, { version: '0.12.0' }),
    '/v1/models': jsonAnswer(200, {
      object: 'list',
      data: [{ id: 'm', object: 'model', root: 'm', parent: null, max_model_len: 2048 }],
    }),
    '/v1/completions': streamOf(
      chunk('a', null),
      chunk('', 'stop'),
      { ...chunk('', null), choices: [], usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } },
      '[DONE]',
    ),
  },
  tgi: {
    '/health': rawAnswer(200, '', ''),
    '/info': jsonAnswer(200, {
      model_id: 'm',
      max_concurrent_requests: 128,
      max_total_tokens: 2048,
      version: '3.3.6',
      sha: null,
    }),
    '/generate_stream': streamOf({
      index: 1,
      token: { id: 1, text: 'a', logprob: -1, special: false },
      generated_text: 'a',
      details: { finish_reason: 'eos_token', generated_tokens: 1, seed: null, input_length: 2 },
    }),
  },
  triton: {
    '/v2': jsonAnswer(200, { name: 'triton', version: '2.73.0', extensions: [] }),
    '/v2/models/m/ready': rawAnswer(200, '', ''),
    '/v2/models/m': jsonAnswer(200, { name: 'm', versions: ['1'], platform: 'ensemble', inputs: TRITON_INPUTS }),
    '/v2/models/m/config': jsonAnswer(200, { max_batch_size: 8, model_transaction_policy: { decoupled: true } }),
    '/v2/models/m/generate_stream': streamOf({ model_name: 'm', model_version: '1', text_output: 'a' }),
  },
  'openai-http': {
    '/models': jsonAnswer(200, { object: 'list', data: [{ id: 'm', object: 'model' }] }),
    '/completions': streamOf(chunk('a', null), chunk('', 'stop'), '[DONE]'),
  },
};
