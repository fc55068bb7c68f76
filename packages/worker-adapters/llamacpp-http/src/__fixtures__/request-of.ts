// SPDX-License-Identifier: MIT
import type { Sampling, WorkerRequest } from '@llama-orch/worker-adapter-api';

const SAMPLING: Sampling = {
  seed: 7,
  temperature: 0.8,
  topP: 0.95,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  stop: [],
};

/** A strict completion of at most 64 tokens, with whatever the test cares about on top. */
export function requestOf(prompt: string, parts: Partial<WorkerRequest> = {}): WorkerRequest {
  return {
    jobId: 'job',
    input: { workload: 'completion', prompt },
    maxTokens: 64,
    sampling: SAMPLING,
    determinism: 'strict',
    kvHint: 'cold',
    ...parts,
  };
}
