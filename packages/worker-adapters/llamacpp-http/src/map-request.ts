// SPDX-License-Identifier: MIT
import {
  OrchError,
  type ChatMessage,
  type WorkerInput,
  type WorkerProps,
  type WorkerRequest,
} from '@llama-orch/worker-adapter-api';

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

/** The same for every request, so it is written once. */
const FIXED_MEMBERS = JSON.stringify(FIXED).slice(1, -1);

/** Where and on what a generation runs. */
export interface Placement {
  /** The prompt as the model is to see it. */
  readonly prompt: string;
  readonly slot: number;
}

/** Body of `POST /completion`, as JSON text. */
export function completionBody(request: WorkerRequest, { prompt, slot }: Placement): string {
  const { sampling, responseFormat } = request;
  const own = JSON.stringify({
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
  });
  return `{${FIXED_MEMBERS},${own.slice(1)}`;
}

/** ORCH-4321: a reused prefix changes the logits' bits, so only requests that do not ask for the same bytes get one. */
export function mayReusePrefix({ determinism, kvHint, sessionId }: WorkerRequest): boolean {
  return determinism === 'best_effort' && kvHint === 'reuse' && sessionId !== undefined;
}

/** Body of `POST /apply-template`. */
export function templateBody(messages: readonly ChatMessage[]): string {
  return JSON.stringify({
    messages: messages.map(({ role, content, toolCallId }) => ({ role, content, tool_call_id: toolCallId })),
  });
}

/** Body of `POST /v1/embeddings`. */
export function embeddingBody(inputs: readonly string[]): string {
  return JSON.stringify({ input: inputs, encoding_format: 'float' });
}

/** Body of `POST /v1/rerank`. */
export function rerankBody({ query, documents }: Extract<WorkerInput, { workload: 'rerank' }>): string {
  return JSON.stringify({ query, documents, top_n: documents.length });
}

/**
 * Refuses what this engine cannot keep, before it is asked.
 *
 * @throws OrchError INVALID_PARAMS with `details.field`.
 */
export function refuseUnsupported({ input, determinism }: WorkerRequest, props: WorkerProps): void {
  if (!props.workloads.includes(input.workload))
    throw refusal('$.workload', 'This engine does not serve the workload.');
  if (determinism === 'strict' && props.features.determinism !== 'strict') {
    throw refusal('$.determinism', 'With several slots this engine cannot repeat a result byte for byte.');
  }
  if (input.workload === 'chat' && input.tools.length > 0) {
    throw refusal('$.tools', 'This engine is used without tools.');
  }
  const broken = textsOf(input).find(([, text]) => !text.isWellFormed());
  // The engine answers half a surrogate pair with status 500, as if it had failed itself.
  if (broken !== undefined) throw refusal(broken[0], 'The text is not well-formed Unicode.');
}

function refusal(field: string, message: string): OrchError {
  return new OrchError('INVALID_PARAMS', { message, details: { field } });
}

function textsOf(input: WorkerInput): readonly (readonly [field: string, text: string])[] {
  switch (input.workload) {
    case 'completion':
      return [['$.prompt', input.prompt]];
    case 'chat':
      return input.messages.map(({ content }, i) => [`$.messages[${i}].content`, content]);
    case 'embedding':
      return input.inputs.map((text, i) => [`$.inputs[${i}]`, text]);
    case 'rerank':
      return [['$.query', input.query], ...input.documents.map((text, i) => [`$.documents[${i}]`, text] as const)];
  }
}
