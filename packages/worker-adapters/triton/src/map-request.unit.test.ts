// SPDX-License-Identifier: MIT
import { bodyOf, PLAIN_SAMPLING, requestOf } from '@llama-orch/adapter-kit/testkit';
import { OrchError, type Sampling, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { verifies } from '@llama-orch/test-kit';
import { expect } from 'vitest';
import { writtenAnswer } from './__fixtures__/written-answer.ts';
import { parseModel, type ModelInfo } from './map-props.ts';
import { fieldsOf, inferBody } from './map-request.ts';

const jsonNamed = (name: string): unknown => JSON.parse(bodyOf(writtenAnswer(name)).toString());
const modelOf = (name: string): ModelInfo => parseModel(jsonNamed(`${name}-metadata`), jsonNamed(`${name}-config`));

/** The model without some of its inputs. */
function without(model: ModelInfo, ...names: readonly string[]): ModelInfo {
  return { ...model, inputs: new Map([...model.inputs].filter(([name]) => !names.includes(name))) };
}

const SAMPLING: Sampling = {
  ...PLAIN_SAMPLING,
  temperature: 0.7,
  topP: 0.9,
  topK: 11,
  repeatPenalty: 1.1,
  presencePenalty: 0.2,
  frequencyPenalty: 0.3,
  stop: ['END', 'STOP'],
};

const write = (sampling: Partial<Sampling> = {}): WorkerRequest =>
  requestOf('write', { sampling: { ...SAMPLING, ...sampling }, maxTokens: 33 });

function refusedField(model: ModelInfo, sampling: Partial<Sampling>): unknown {
  try {
    fieldsOf(write(sampling), model, true);
  } catch (error) {
    if (OrchError.is(error) && error.code === 'INVALID_PARAMS') return error.details['field'];
    throw error;
  }
  return undefined;
}

verifies(['ORCH-4660', 'ORCH-1502', 'ORCH-1512'], 'the ensemble gets every setting under its names', () => {
  expect(fieldsOf(write(), modelOf('ensemble'), true)).toEqual({
    text_input: 'write',
    stream: true,
    exclude_input_in_output: true,
    max_tokens: 33,
    temperature: 0.7,
    top_k: 11,
    top_p: 0.9,
    random_seed: 7,
    repetition_penalty: 1.1,
    presence_penalty: 0.2,
    frequency_penalty: 0.3,
    stop_words: ['END', 'STOP'],
    beam_width: 1,
  });
});

verifies(['ORCH-4660', 'ORCH-1502', 'ORCH-1512'], 'the LLM-API model gets every setting under its names', () => {
  expect(fieldsOf(write({ repeatPenalty: 1 }), modelOf('llmapi'), true)).toEqual({
    text_input: 'write',
    streaming: true,
    sampling_param_exclude_input_from_output: true,
    return_finish_reason: true,
    sampling_param_max_tokens: 33,
    sampling_param_temperature: 0.7,
    sampling_param_top_k: 11,
    sampling_param_top_p: 0.9,
    sampling_param_seed: 7,
    sampling_param_presence_penalty: 0.2,
    sampling_param_frequency_penalty: 0.3,
    sampling_param_stop: ['END', 'STOP'],
  });
});

verifies(['ORCH-4660', 'ORCH-1502', 'ORCH-1512'], 'the vLLM backend gets every setting in one text', () => {
  const { sampling_parameters: text, ...fields } = fieldsOf(write({ topK: 0, minP: 0.05 }), modelOf('vllm'), true);
  expect(fields).toEqual({
    text_input: 'write',
    stream: true,
    exclude_input_in_output: true,
    return_finish_reason: true,
    return_num_input_tokens: true,
    return_num_output_tokens: true,
  });
  expect(JSON.parse(text as string)).toEqual({
    max_tokens: 33,
    min_tokens: 0,
    temperature: 0.7,
    top_k: -1,
    top_p: 0.9,
    min_p: 0.05,
    seed: 7,
    repetition_penalty: 1.1,
    presence_penalty: 0.2,
    frequency_penalty: 0.3,
    stop: ['END', 'STOP'],
    ignore_eos: false,
    skip_special_tokens: true,
  });
});

verifies(['ORCH-4660', 'ORCH-1502'], 'settings that are off are sent too, but for lists', () => {
  const off = fieldsOf(write(PLAIN_SAMPLING), modelOf('ensemble'), true);
  expect(off).toMatchObject({ top_k: 0, top_p: 1, repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 });
  expect(off).not.toHaveProperty('stop_words');
});

verifies(
  ['ORCH-4660', 'ORCH-1502'],
  'a setting the model has no field for is refused by name, unless it is off',
  () => {
    const ensemble = modelOf('ensemble');
    expect(refusedField(ensemble, { minP: 0.05 })).toBe('$.min_p');
    expect(refusedField(modelOf('llmapi'), { repeatPenalty: 1.1 })).toBe('$.repeat_penalty');
    for (const [input, field, off] of [
      ['top_p', '$.top_p', { topP: 1 }],
      ['repetition_penalty', '$.repeat_penalty', { repeatPenalty: 1 }],
      ['presence_penalty', '$.presence_penalty', { presencePenalty: 0 }],
      ['frequency_penalty', '$.frequency_penalty', { frequencyPenalty: 0 }],
      ['stop_words', '$.stop', { stop: [] }],
    ] as const) {
      expect(refusedField(without(ensemble, input), {})).toBe(field);
      expect(refusedField(without(ensemble, input), off)).toBeUndefined();
      expect(Object.keys(fieldsOf(write(off), without(ensemble, input), true))).not.toContain(input);
    }
  },
);

verifies('ORCH-4660', 'the seed goes by the name the model has', () => {
  const model = without(modelOf('ensemble'), 'random_seed');
  const newer = { ...model, inputs: new Map([...model.inputs, ['seed', { datatype: 'UINT64', rank: 2 }]]) };
  expect(fieldsOf(write(), newer, true)).toMatchObject({ seed: 7 });
});

verifies(['ORCH-4661', 'ORCH-1512'], 'greedy is a choice of one, and temperature 0 for vLLM', () => {
  const greedy = write({ temperature: 0, repeatPenalty: 1 });
  expect(fieldsOf(greedy, modelOf('ensemble'), true)).toMatchObject({ temperature: 1, top_k: 1, top_p: 1 });
  expect(fieldsOf(greedy, modelOf('llmapi'), true)).toMatchObject({
    sampling_param_temperature: 1,
    sampling_param_top_k: 1,
    sampling_param_top_p: 1,
  });
  const text = fieldsOf(greedy, modelOf('vllm'), true)['sampling_parameters'];
  expect(JSON.parse(text as string)).toMatchObject({ temperature: 0, top_k: 11, top_p: 0.9 });
});

verifies('ORCH-4663', 'tensors have the datatype and the rank of the model', () => {
  const model = modelOf('ensemble');
  const body = JSON.parse(inferBody('r1', fieldsOf(write(), model, false), model)) as { inputs: readonly object[] };
  expect(body.inputs).toContainEqual({ name: 'text_input', datatype: 'BYTES', shape: [1, 1], data: ['write'] });
  expect(body.inputs).toContainEqual({ name: 'max_tokens', datatype: 'INT32', shape: [1, 1], data: [33] });
  expect(body.inputs).toContainEqual({ name: 'stream', datatype: 'BOOL', shape: [1, 1], data: [false] });
  expect(body.inputs).toContainEqual({ name: 'random_seed', datatype: 'UINT64', shape: [1, 1], data: [7] });
  const stop = { name: 'stop_words', datatype: 'BYTES', shape: [1, 2], data: ['END', 'STOP'] };
  expect(body.inputs).toContainEqual(stop);
  const flat = modelOf('llmapi');
  const fields = fieldsOf(write({ repeatPenalty: 1 }), flat, false);
  expect(JSON.parse(inferBody('r1', fields, flat))).toMatchObject({
    id: 'r1',
    inputs: expect.arrayContaining([{ name: 'text_input', datatype: 'BYTES', shape: [1], data: ['write'] }]) as unknown,
  });
});
