// SPDX-License-Identifier: MIT
import type { Sampling, WorkerRequest } from '@llama-orch/worker-adapter-api';

const SAMPLING: Sampling = {
  seed: 1,
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  stop: [],
};

/** A strict completion of at most 64 tokens, with whatever the test cares about on top. */
export function requestOf(
  prompt: string,
  { sampling, ...rest }: Partial<Omit<WorkerRequest, 'sampling'>> & { sampling?: Partial<Sampling> } = {},
): WorkerRequest {
  return {
    jobId: 'job',
    input: { workload: 'completion', prompt },
    maxTokens: 64,
    determinism: 'strict',
    kvHint: 'cold',
    ...rest,
    sampling: { ...SAMPLING, ...sampling },
  };
}
