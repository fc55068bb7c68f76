// SPDX-License-Identifier: MIT
import type { StartedChunk } from '../stream/task-reader.ts';
import type { KeyId, SessionId } from './ids.ts';
import type { AdmissionAnswer, Task } from './task.ts';

/** The first frame of a task's stream: what was told at its admission. */
export function startedChunk(task: Task, { queuePosition, predictedStartMs }: AdmissionAnswer): StartedChunk {
  const { id, jobId, poolId, sessionId, keyId, sampling } = task;
  return {
    kind: 'started',
    seq: 0,
    taskId: id,
    jobId,
    poolId,
    sessionId: sessionId === undefined ? undefined : shownSession(sessionId, keyId),
    queuePosition,
    predictedStartMs,
    seed: sampling.seed,
  };
}

/** ORCH-2066: a session that is its key's own carries the name of the key before the one that clients know. */
function shownSession(sessionId: SessionId, keyId: KeyId | undefined): SessionId {
  const isOwn = keyId !== undefined && sessionId.startsWith(`${keyId}:`);
  return isOwn ? (sessionId.slice(keyId.length + 1) as SessionId) : sessionId;
}
