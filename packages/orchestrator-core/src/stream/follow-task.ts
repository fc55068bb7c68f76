// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { Orchestrator } from '../orchestrator-api.ts';
import type { TaskId } from '../task/ids.ts';
import type { StreamChunk } from './task-reader.ts';

/** Where to begin to follow a task, and when to leave it. */
export interface FollowOptions {
  /** Sequence number of the last frame seen; default none: from the start. */
  readonly afterSeq?: number;
  /** Ends the reading, not the task. */
  readonly signal?: AbortSignal;
}

/**
 * The stream of a task as it comes, up to its terminal chunk; ORCH-3487. Chunks wait in the task's log, not here: a slow
 * loop holds nothing up, and one that is left early closes its reader.
 *
 * @throws OrchError NOT_FOUND when the task is unknown, TASK_CONFLICT or STREAM_GAP as {@link Orchestrator.read}; the reason
 * of `signal` when it aborts.
 */
export async function* followTask(
  orchestrator: Pick<Orchestrator, 'read'>,
  id: TaskId,
  { afterSeq, signal }: FollowOptions = {},
): AsyncGenerator<StreamChunk, void, undefined> {
  let wake = (): void => undefined;
  const onReady = (): void => wake();
  const reader = await orchestrator.read(id, { afterSeq, onReady });
  if (reader === undefined) throw new OrchError('NOT_FOUND', { message: `There is no task ${id}.`, phase: 'request' });
  signal?.addEventListener('abort', onReady);
  try {
    while (!reader.ended) {
      signal?.throwIfAborted();
      const chunk = reader.next();
      if (chunk !== undefined) yield chunk;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', onReady);
    reader.close();
  }
}
