// SPDX-License-Identifier: MIT
import type { OpenAiAnswer } from '@llama-orch/adapter-kit';
import type { WorkerEnd, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** The end of a run that gave all at its end. */
export function endOf({ promptTokens: tokensIn = 0, ...answer }: OpenAiAnswer): WorkerEnd {
  return { finishReason: 'stop', tokensIn, tokensOut: 0, decodeTimeMs: 0, prefixReuse: false, ...answer };
}

/** What a run did to what the slots hold for sessions. */
export function contextFacts(
  { sessionId }: WorkerRequest,
  displaced: string | undefined,
): Pick<WorkerEnd, 'contextKept' | 'displacedSessionId'> {
  return {
    ...(sessionId === undefined ? {} : { contextKept: true }),
    ...(displaced === undefined ? {} : { displacedSessionId: displaced }),
  };
}
