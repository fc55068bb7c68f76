// SPDX-License-Identifier: MIT
import type { OpenAiAnswer } from '@llama-orch/adapter-kit';
import type { WorkerEnd, WorkerRequest } from '@llama-orch/worker-adapter-api';

/** The end of a run that gave all at its end. */
export function endOf({ promptTokens: tokensIn = 0, ...answer }: OpenAiAnswer): WorkerEnd {
  return { finishReason: 'stop', tokensIn, tokensOut: 0, decodeTimeMs: 0, prefixReuse: false, ...answer };
}

/** The end of a run with what it did to what the slots hold for sessions. */
export function withContextFacts(
  end: WorkerEnd,
  { sessionId }: WorkerRequest,
  displaced: string | undefined,
): WorkerEnd {
  if (sessionId === undefined && displaced === undefined) return end;
  return {
    ...end,
    ...(sessionId !== undefined && { contextKept: true }),
    ...(displaced !== undefined && { displacedSessionId: displaced }),
  };
}
