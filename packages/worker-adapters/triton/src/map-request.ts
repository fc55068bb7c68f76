// SPDX-License-Identifier: MIT
import { refusal, refuseDenied } from '@llama-orch/adapter-kit';
import { OrchError, type JsonValue, type WorkerProps, type WorkerRequest } from '@llama-orch/worker-adapter-api';
import { SEED_NAMES, type ModelInfo } from './map-props.ts';

/** One setting and the names it goes by; the first that the model has is used. */
interface Setting {
  readonly names: readonly string[];
  /** Undefined where off is the absence of the field. */
  readonly value: JsonValue | undefined;
  /** Where the request names it, if it must not be lost. */
  readonly field?: string;
}

/** Names of the field that leaves the prompt out of the answer. */
const NO_ECHO_NAMES = ['exclude_input_in_output', 'sampling_param_exclude_input_from_output'] as const;

/** Fields of a request, by the name of the tensor. */
export type Fields = Readonly<Record<string, JsonValue>>;

/**
 * The fields of a generation: every one of the dialect that the model has.
 *
 * @param isStream Whether the model is to answer piece by piece.
 * @throws OrchError INVALID_PARAMS for a setting the model has no field for.
 */
export function fieldsOf(request: WorkerRequest, model: ModelInfo, isStream: boolean): Fields {
  const settings = [...commonSettings(request, isStream), ...SETTINGS[model.dialect](request)];
  const fields: Record<string, JsonValue> = {};
  for (const { names, value, field } of settings) {
    if (value === undefined) continue;
    const name = names.find((candidate) => model.inputs.has(candidate));
    if (name !== undefined) fields[name] = value;
    // ORCH-4660: what the model would ignore is not sent and not lost.
    else if (field !== undefined) throw refusal(field, 'This model has no field for the setting.');
  }
  return fields;
}

/** Whether an answer in one piece begins with the prompt, because the model has no field against it. */
export function isEchoed(model: ModelInfo): boolean {
  return !NO_ECHO_NAMES.some((name) => model.inputs.has(name));
}

/** Body of `generate_stream`, as JSON text. */
export function generateBody(id: string, fields: Fields): string {
  return JSON.stringify({ id, ...fields });
}

/** ORCH-4663: body of `infer`, as JSON text: each field a tensor of the model's rank. */
export function inferBody(id: string, fields: Fields, model: ModelInfo): string {
  const inputs = Object.entries(fields).map(([name, value]) => {
    const { datatype = 'BYTES', rank = 1 } = model.inputs.get(name) ?? {};
    const data = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
    return { name, datatype, shape: [...Array<number>(rank - 1).fill(1), data.length], data };
  });
  return JSON.stringify({ id, inputs });
}

/**
 * Refuses what Triton cannot keep, before it is asked.
 *
 * @returns The prompt.
 * @throws OrchError INVALID_PARAMS with `details.field`.
 */
export function promptOf(request: WorkerRequest, props: WorkerProps): string {
  refuseDenied(request, props);
  const { input } = request;
  if (input.workload !== 'completion') throw new OrchError('INVALID_PARAMS', { details: { field: '$.workload' } });
  if (input.prompt === '') throw refusal('$.prompt', 'The prompt is empty.');
  return input.prompt;
}

const SETTINGS = { ensemble: ensembleSettings, llmapi: llmApiSettings, vllm: vllmSettings } as const;

function commonSettings({ input }: WorkerRequest, isStream: boolean): readonly Setting[] {
  return [
    { names: ['text_input'], value: input.workload === 'completion' ? input.prompt : '' },
    { names: ['streaming', 'stream'], value: isStream },
    // ORCH-4662: answers that are not streamed begin with the prompt by default.
    { names: NO_ECHO_NAMES, value: true },
    { names: ['return_finish_reason'], value: true },
    { names: ['return_num_input_tokens'], value: true },
    { names: ['return_num_output_tokens'], value: true },
  ];
}

function ensembleSettings({ maxTokens, sampling }: WorkerRequest): readonly Setting[] {
  const { temperature, topK, topP } = greedyByTopK(sampling);
  return [
    { names: ['max_tokens'], value: maxTokens },
    { names: ['temperature'], value: temperature, field: '$.temperature' },
    { names: ['top_k'], value: topK, field: '$.top_k' },
    { names: ['top_p'], value: topP, ...named('$.top_p', topP !== 1) },
    { names: ['min_p'], value: sampling.minP, ...named('$.min_p', sampling.minP !== 0) },
    { names: SEED_NAMES, value: sampling.seed },
    ...penalties('', sampling),
    { names: ['stop_words'], value: listOf(sampling.stop), field: '$.stop' },
    { names: ['beam_width'], value: 1 },
  ];
}

function llmApiSettings({ maxTokens, sampling }: WorkerRequest): readonly Setting[] {
  const { temperature, topK, topP } = greedyByTopK(sampling);
  return [
    { names: ['sampling_param_max_tokens'], value: maxTokens },
    { names: ['sampling_param_temperature'], value: temperature, field: '$.temperature' },
    { names: ['sampling_param_top_k'], value: topK, field: '$.top_k' },
    { names: ['sampling_param_top_p'], value: topP, ...named('$.top_p', topP !== 1) },
    { names: ['sampling_param_min_p'], value: sampling.minP, ...named('$.min_p', sampling.minP !== 0) },
    { names: SEED_NAMES, value: sampling.seed },
    ...penalties('sampling_param_', sampling),
    { names: ['sampling_param_stop'], value: listOf(sampling.stop), field: '$.stop' },
  ];
}

/** vLLM takes its settings as one text, in its own words; what is not in it is the model's default. */
function vllmSettings({ maxTokens, sampling }: WorkerRequest): readonly Setting[] {
  const parameters = {
    max_tokens: maxTokens,
    min_tokens: 0,
    temperature: sampling.temperature,
    top_k: sampling.topK === 0 ? -1 : sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    seed: sampling.seed,
    repetition_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: sampling.stop,
    ignore_eos: false,
    skip_special_tokens: true,
  };
  return [{ names: ['sampling_parameters'], value: JSON.stringify(parameters), field: '$' }];
}

function penalties(prefix: string, sampling: WorkerRequest['sampling']): readonly Setting[] {
  const { repeatPenalty, presencePenalty, frequencyPenalty } = sampling;
  return [
    { names: [`${prefix}repetition_penalty`], value: repeatPenalty, ...named('$.repeat_penalty', repeatPenalty !== 1) },
    {
      names: [`${prefix}presence_penalty`],
      value: presencePenalty,
      ...named('$.presence_penalty', presencePenalty !== 0),
    },
    {
      names: [`${prefix}frequency_penalty`],
      value: frequencyPenalty,
      ...named('$.frequency_penalty', frequencyPenalty !== 0),
    },
  ];
}

/** ORCH-4661: TensorRT-LLM is greedy by the width of the choice; a temperature of 0 is no number to divide by. */
function greedyByTopK(sampling: WorkerRequest['sampling']): Pick<typeof sampling, 'temperature' | 'topK' | 'topP'> {
  return sampling.temperature === 0 ? { temperature: 1, topK: 1, topP: 1 } : sampling;
}

/** A setting that is off needs no field. */
function named(field: string, isOn: boolean): { readonly field?: string } {
  return isOn ? { field } : {};
}

function listOf(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts;
}
