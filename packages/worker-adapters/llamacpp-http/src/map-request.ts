// SPDX-License-Identifier: MIT
import { toOpenAiMessages, toOpenAiTools } from '@llama-orch/adapter-kit';
import type { JsonObject, WorkerInput, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** A chat to be rendered or completed by the engine. */
export type ChatInput = Extract<WorkerInput, { workload: 'chat' }>;

/**
 * Every sampler the request has no word for, set to what switches it off: what is not sent comes from the command line
 * of the server (ORCH-4320).
 */
const FIXED = {
  stream: true,
  samplers: ['penalties', 'top_k', 'top_p', 'min_p', 'temperature'],
  repeat_last_n: 64,
  typical_p: 1,
  top_n_sigma: -1,
  xtc_probability: 0,
  xtc_threshold: 0.1,
  dry_multiplier: 0,
  mirostat: 0,
  dynatemp_range: 0,
  dynatemp_exponent: 1,
  adaptive_target: -1,
  min_keep: 0,
  n_keep: 0,
  n_probs: 0,
  ignore_eos: false,
  logit_bias: [],
  t_max_predict_ms: -1,
  // Tells a long prefill from a hang, since comments of a stuck engine go on.
  return_progress: true,
} as const;

/** What a completion needs besides. */
const COMPLETION = {
  // Without it the last event repeats the prompt, however long that is.
  response_fields: [
    'content',
    'stop',
    'stop_type',
    'stopped_eos',
    'stopped_limit',
    'stopped_word',
    'tokens_predicted',
    'tokens_evaluated',
    'timings',
  ],
} as const;

/** What a chat needs besides: thoughts stay in the text, as in a completion, and the counts come at the end. */
const CHAT = { reasoning_format: 'none', parallel_tool_calls: true, stream_options: { include_usage: true } } as const;

/** The same for every request, so they are written once. */
const COMPLETION_MEMBERS = JSON.stringify({ ...FIXED, ...COMPLETION }).slice(1, -1);
const CHAT_MEMBERS = JSON.stringify({ ...FIXED, ...CHAT }).slice(1, -1);

/** Where and on what a generation runs. */
export interface Placement {
  /** The prompt as the model is to see it. */
  readonly prompt: string;
  readonly slot: number;
}

/** Body of `POST /completion`, as JSON text. */
export function completionBody(request: WorkerRequest, { prompt, slot }: Placement): string {
  return body(COMPLETION_MEMBERS, settingsOf(request, slot, prompt));
}

/** Body of `POST /v1/chat/completions`, as JSON text. */
export function chatBody(request: WorkerRequest, input: ChatInput, slot: number): string {
  const { messages, tools, toolChoice = 'auto' } = input;
  const chat = { messages: toOpenAiMessages(messages), tools: toOpenAiTools(tools), tool_choice: toolChoice };
  return body(CHAT_MEMBERS, { ...settingsOf(request, slot), ...chat });
}

function body(fixedMembers: string, own: JsonObject): string {
  return `{${fixedMembers},${JSON.stringify(own).slice(1)}`;
}

function settingsOf(request: WorkerRequest, slot: number, prompt?: string): JsonObject {
  const { sampling, responseFormat } = request;
  return {
    prompt,
    id_slot: slot,
    n_predict: request.maxTokens,
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    stop: sampling.stop,
    cache_prompt: mayReusePrefix(request),
    json_schema: responseFormat?.type === 'json_schema' ? responseFormat.schema : undefined,
    grammar: responseFormat?.type === 'grammar' ? responseFormat.grammar : undefined,
  };
}

/** ORCH-4321: a reused prefix changes the logits' bits, so only requests that do not ask for the same bytes get one. */
export function mayReusePrefix({ determinism, kvHint, sessionId }: WorkerRequest): boolean {
  return determinism === 'best_effort' && kvHint === 'reuse' && sessionId !== undefined;
}

/** Body of `POST /apply-template`. */
export function templateBody({ messages, tools }: ChatInput): string {
  return JSON.stringify({ messages: toOpenAiMessages(messages), tools: toOpenAiTools(tools) });
}

/** Body of `POST /tokenize`, which counts as a completion would: with the token that begins a text. */
export function tokenizeBody(prompt: string): string {
  return JSON.stringify({ content: prompt, add_special: true, parse_special: true, with_pieces: false });
}

/** Body of `POST /v1/embeddings`. */
export function embeddingBody(inputs: readonly string[]): string {
  return JSON.stringify({ input: inputs, encoding_format: 'float' });
}

/** Body of `POST /v1/rerank`. */
export function rerankBody({ query, documents }: Extract<WorkerInput, { workload: 'rerank' }>): string {
  return JSON.stringify({ query, documents, top_n: documents.length });
}
