// SPDX-License-Identifier: MIT
import { toOpenAiMessages, toOpenAiResponseFormat, toOpenAiTools } from '@llama-orch/adapter-kit';
import type { JsonObject, WorkerInput, WorkerRequest } from '@llama-orch/worker-adapter-api';

type Input<W extends WorkerInput['workload']> = Extract<WorkerInput, { workload: W }>;

/** How a grammar is sent: builds before 0.12 and since. Either kind of build ignores the other's field without a word. */
export type GrammarField = 'guided_grammar' | 'structured_outputs';

/** The model a request is for. */
export interface VllmModel {
  /** The name it is served under. */
  readonly servedName: string;
  readonly grammarField: GrammarField;
}

/**
 * What the request has no word for, set to what switches it off: what is not sent comes from the model's own
 * `generation_config.json` or from the server.
 */
const FIXED = {
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
} as const;

/** The same for every request, so it is written once. */
const FIXED_MEMBERS = JSON.stringify(FIXED).slice(1, -1);

/** Body of `POST /v1/completions`, as JSON text. */
export function completionBody(request: WorkerRequest, prompt: string, model: VllmModel): string {
  return generationBody(request, model, { prompt, echo: false, add_special_tokens: true });
}

/** Body of `POST /v1/chat/completions`, as JSON text. */
export function chatBody(
  request: WorkerRequest,
  { messages, tools, toolChoice }: Input<'chat'>,
  model: VllmModel,
): string {
  return generationBody(request, model, {
    messages: toOpenAiMessages(messages),
    tools: toOpenAiTools(tools),
    tool_choice: tools.length === 0 ? undefined : (toolChoice ?? 'auto'),
    logprobs: false,
    echo: false,
    add_generation_prompt: true,
    add_special_tokens: false,
  });
}

/** Body of `POST /v1/embeddings`. */
export function embeddingBody({ inputs }: Input<'embedding'>, { servedName }: VllmModel): string {
  return JSON.stringify({ model: servedName, input: inputs, encoding_format: 'float' });
}

/** Body of `POST /v1/rerank`. */
export function rerankBody({ query, documents }: Input<'rerank'>, { servedName }: VllmModel): string {
  return JSON.stringify({ model: servedName, query, documents, top_n: documents.length });
}

/** Bodies of `POST /tokenize` that together count what the engine reads for an input. */
export function tokenizeBodies(input: WorkerInput, { servedName: model }: VllmModel): readonly string[] {
  const prompt = (text: string): string => JSON.stringify({ model, prompt: text, add_special_tokens: true });
  switch (input.workload) {
    case 'completion':
      return [prompt(input.prompt)];
    case 'chat': {
      const messages = toOpenAiMessages(input.messages);
      const tools = toOpenAiTools(input.tools);
      return [JSON.stringify({ model, messages, tools, add_generation_prompt: true, add_special_tokens: false })];
    }
    case 'embedding':
      return input.inputs.map(prompt);
    case 'rerank':
      return input.documents.map((document) => prompt(`${input.query}${document}`));
  }
}

function generationBody(request: WorkerRequest, { servedName, grammarField }: VllmModel, input: JsonObject): string {
  const { sampling, responseFormat } = request;
  const grammar = responseFormat?.type === 'grammar' ? responseFormat.grammar : undefined;
  const own = JSON.stringify({
    model: servedName,
    ...input,
    max_tokens: request.maxTokens,
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    repetition_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: sampling.stop,
    cache_salt: mayReusePrefix(request) ? undefined : request.jobId,
    response_format: responseFormat?.type === 'json_schema' ? toOpenAiResponseFormat(responseFormat.schema) : undefined,
    structured_outputs: grammarField === 'structured_outputs' && grammar !== undefined ? { grammar } : undefined,
    guided_grammar: grammarField === 'guided_grammar' ? grammar : undefined,
  });
  return `{${FIXED_MEMBERS},${own.slice(1)}`;
}

/** ORCH-4508: a salt of its own keeps a request from the prefixes others have left in the engine's cache. */
function mayReusePrefix({ determinism, kvHint }: WorkerRequest): boolean {
  return determinism === 'best_effort' && kvHint === 'reuse';
}
