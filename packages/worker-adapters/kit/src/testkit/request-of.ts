// SPDX-License-Identifier: MIT
import type { Sampling, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** Sampling that every engine can keep. */
export const PLAIN_SAMPLING: Sampling = {
  seed: 7,
  temperature: 0.8,
  topP: 1,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  stop: [],
};

/** A completion of at most 64 tokens with {@link PLAIN_SAMPLING}, with whatever a test cares about on top. */
export function requestOf(prompt: string, parts: Partial<WorkerRequest> = {}): WorkerRequest {
  return {
    jobId: '00000000-0000-4000-8000-000000000000',
    input: { workload: 'completion', prompt },
    maxTokens: 64,
    sampling: PLAIN_SAMPLING,
    determinism: 'best_effort',
    kvHint: 'cold',
    ...parts,
  };
}
