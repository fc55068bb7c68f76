// SPDX-License-Identifier: MIT
import { refusal, refuseDenied, toOpenAiMessages } from '@llama-orch/adapter-kit';
import type { ChatMessage, WorkerProps, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** What the request has no word for, as it is when it is off. */
const FIXED = {
  details: true,
  return_full_text: false,
  decoder_input_details: false,
  watermark: false,
  best_of: null,
  truncate: null,
  top_n_tokens: null,
  typical_p: null,
  adapter_id: null,
} as const;

/** Body of `POST /generate_stream`, as JSON text; `inputs` is the prompt as the model is to see it. */
export function generateBody({ sampling, maxTokens, responseFormat }: WorkerRequest, inputs: string): string {
  const { temperature, topK, topP } = sampling;
  // ORCH-4611: each of these three switches sampling on by being there, whatever `do_sample` says.
  const isGreedy = temperature === 0;
  return JSON.stringify({
    inputs,
    parameters: {
      ...FIXED,
      max_new_tokens: maxTokens,
      do_sample: !isGreedy,
      temperature: isGreedy ? undefined : temperature,
      top_k: isGreedy || topK === 0 ? undefined : topK,
      // ORCH-4610: 1 is an error.
      top_p: isGreedy || topP === 1 ? undefined : topP,
      repetition_penalty: sampling.repeatPenalty,
      frequency_penalty: sampling.frequencyPenalty,
      seed: sampling.seed,
      stop: sampling.stop,
      grammar: responseFormat?.type === 'json_schema' ? { type: 'json', value: responseFormat.schema } : null,
    },
  });
}

/** Body of `POST /tokenize`. */
export function tokenizeBody(inputs: string): string {
  return JSON.stringify({ inputs });
}

/** Body of `POST /chat_tokenize`; another model than `tgi` would be taken for the name of a LoRA adapter. */
export function chatBody(messages: readonly ChatMessage[]): string {
  return JSON.stringify({ model: 'tgi', messages: toOpenAiMessages(messages) });
}

/**
 * Refuses what TGI cannot keep, before it is asked.
 *
 * @param maxStops Most stop texts of a request.
 * @throws OrchError INVALID_PARAMS with `details.field`.
 */
export function refuseUnsupported(request: WorkerRequest, props: WorkerProps, maxStops: number): void {
  refuseDenied(request, props);
  const { input, sampling } = request;
  if (input.workload === 'completion' && input.prompt === '') throw refusal('$.prompt', 'The prompt is empty.');
  if (sampling.minP !== 0) throw refusal('$.min_p', 'This engine has no min_p; only 0 (off) is served.');
  if (sampling.presencePenalty !== 0) {
    throw refusal('$.presence_penalty', 'This engine has no presence penalty; only 0 (off) is served.');
  }
  if (sampling.stop.length > maxStops) {
    throw refusal('$.stop', `This engine takes at most ${maxStops} stop texts.`);
  }
}
