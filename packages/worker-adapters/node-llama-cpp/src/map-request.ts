// SPDX-License-Identifier: MIT
import type { Sampling } from '@llama-orch/worker-adapter-api';
import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp';

/** How far back penalties look, in tokens; llama.cpp's own default. */
const PENALTY_WINDOW_TOKENS = 64;

/**
 * Sampler settings as node-llama-cpp takes them. Every field is given: its defaults include a repeat penalty and a constant
 * seed.
 *
 * @param sampling Complete settings of the request.
 * @param history Prompt and generated tokens; read at every step, so the caller appends to it.
 */
export function mapSampling(sampling: Sampling, history: readonly Token[]): SequenceEvaluateOptions {
  const { repeatPenalty, presencePenalty, frequencyPenalty } = sampling;
  const penalized = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
  return {
    seed: sampling.seed,
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    minP: sampling.minP,
    ...(penalized && {
      repeatPenalty: {
        punishTokens: () => history.slice(-PENALTY_WINDOW_TOKENS),
        maxPunishTokens: PENALTY_WINDOW_TOKENS,
        penalty: repeatPenalty,
        presencePenalty,
        frequencyPenalty,
      },
    }),
  };
}
