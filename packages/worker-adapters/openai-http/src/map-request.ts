// SPDX-License-Identifier: MIT
import { refusal, toOpenAiMessages, toOpenAiResponseFormat, toOpenAiTools } from '@llama-orch/adapter-kit';
import type { JsonObject, Sampling, WorkerInput, WorkerRequest } from '@llama-orch/worker-adapter-api';

type Input<W extends WorkerInput['workload']> = Extract<WorkerInput, { workload: W }>;

/** The name a server knows the bound of a chat by: many know only the first, some refuse it. */
export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** Sampler fields that OpenAI does not have and many servers do; a server may refuse those it does not know. */
export type OptionalSamplerField = 'top_k' | 'min_p' | 'repetition_penalty' | 'repeat_penalty';

/** What the operator says about the fields of a server. */
export interface RequestOptions {
  /** The model's name in each request. */
  readonly modelId: string;
  /** For chats; a completion always has `max_tokens`. Default `max_tokens`. */
  readonly maxTokensField?: MaxTokensField;
  /** Sampler fields the server knows beyond OpenAI's. Default none. */
  readonly samplerFields?: readonly OptionalSamplerField[];
}

interface OptionalSampler {
  /** The setting's path in a task. */
  readonly path: string;
  readonly valueIn: (sampling: Sampling) => number;
  readonly off: number;
}

const REPEAT_PENALTY: OptionalSampler = {
  path: '$.repeat_penalty',
  valueIn: ({ repeatPenalty }) => repeatPenalty,
  off: 1,
};

const OPTIONAL_SAMPLERS: Readonly<Record<OptionalSamplerField, OptionalSampler>> = {
  top_k: { path: '$.top_k', valueIn: ({ topK }) => topK, off: 0 },
  min_p: { path: '$.min_p', valueIn: ({ minP }) => minP, off: 0 },
  repetition_penalty: REPEAT_PENALTY,
  repeat_penalty: REPEAT_PENALTY,
};

/**
 * ORCH-4556: refuses a setting for which the server has no field, instead of leaving it out.
 *
 * @throws OrchError INVALID_PARAMS with `details.field`.
 */
export function refuseUnsent({ sampling }: WorkerRequest, { samplerFields = [] }: RequestOptions): void {
  const sentPaths = samplerFields.map((field) => OPTIONAL_SAMPLERS[field].path);
  for (const { path, valueIn, off } of Object.values(OPTIONAL_SAMPLERS)) {
    if (valueIn(sampling) === off || sentPaths.includes(path)) continue;
    throw refusal(path, `This server is used without the setting; only ${off}, which switches it off, can be kept.`);
  }
}

/** Body of `POST /completions`, as JSON text. */
export function completionBody(request: WorkerRequest, prompt: string, options: RequestOptions): string {
  return generationBody(request, options, { prompt, max_tokens: request.maxTokens, echo: false });
}

/** Body of `POST /chat/completions`, as JSON text. */
export function chatBody(request: WorkerRequest, input: Input<'chat'>, options: RequestOptions): string {
  const { messages, tools, toolChoice } = input;
  return generationBody(request, options, {
    messages: toOpenAiMessages(messages),
    [options.maxTokensField ?? 'max_tokens']: request.maxTokens,
    tools: toOpenAiTools(tools),
    tool_choice: tools.length === 0 ? undefined : (toolChoice ?? 'auto'),
  });
}

/** Body of `POST /embeddings`. */
export function embeddingBody({ inputs }: Input<'embedding'>, { modelId }: RequestOptions): string {
  return JSON.stringify({ model: modelId, input: inputs, encoding_format: 'float' });
}

/** Body of `POST /rerank`, in the shape of Jina and Cohere. */
export function rerankBody({ query, documents }: Input<'rerank'>, { modelId }: RequestOptions): string {
  return JSON.stringify({ model: modelId, query, documents, top_n: documents.length });
}

function generationBody(
  { sampling, responseFormat }: WorkerRequest,
  options: RequestOptions,
  input: JsonObject,
): string {
  const { modelId, samplerFields = [] } = options;
  return JSON.stringify({
    model: modelId,
    ...input,
    stream: true,
    stream_options: { include_usage: true },
    n: 1,
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    // An empty list is refused by some.
    stop: sampling.stop.length === 0 ? null : sampling.stop,
    ...Object.fromEntries(samplerFields.map((field) => [field, OPTIONAL_SAMPLERS[field].valueIn(sampling)])),
    response_format: responseFormat?.type === 'json_schema' ? toOpenAiResponseFormat(responseFormat.schema) : undefined,
  });
}
