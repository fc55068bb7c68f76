// SPDX-License-Identifier: MIT
import { OrchError, type WorkerAdapter, type WorkerEnd, type WorkerRequest } from '@llama-orch/worker-adapter-api';

/** What a run wrote and how it ended. */
export interface CollectedRun {
  readonly pieces: readonly string[];
  readonly text: string;
  /** The sum of the counts that came with the pieces. */
  readonly tokenCount: number;
  readonly end: WorkerEnd;
}

/** Runs a request to its end. */
export async function collectRun(
  adapter: WorkerAdapter,
  request: WorkerRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<CollectedRun> {
  const pieces: string[] = [];
  let tokenCount = 0;
  const end = await adapter.run(
    request,
    {
      onTokens: (texts, count) => {
        pieces.push(...texts);
        tokenCount += count;
      },
    },
    signal,
  );
  return { pieces, text: pieces.join(''), tokenCount, end };
}

/** The fault a promise rejects with; throws when it resolves, or rejects something else. */
export async function faultOf(promise: Promise<unknown>): Promise<OrchError> {
  const error: unknown = await promise.then(
    () => new Error('resolved'),
    (reason: unknown) => reason,
  );
  if (!OrchError.is(error)) throw error;
  return error;
}
