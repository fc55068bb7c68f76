// SPDX-License-Identifier: MIT
import type { StartedChunk } from '../stream/task-reader.ts';
import type { AdmissionAnswer, Task } from './task.ts';

/** The first frame of a task's stream: what was told at its admission. */
export function startedChunk(task: Task, { queuePosition, predictedStartMs }: AdmissionAnswer): StartedChunk {
  const { id, jobId, poolId, sessionId, sampling } = task;
  return {
    kind: 'started',
    seq: 0,
    taskId: id,
    jobId,
    poolId,
    ...(sessionId === undefined ? {} : { sessionId }),
    queuePosition,
    ...(predictedStartMs === undefined ? {} : { predictedStartMs }),
    seed: sampling.seed,
  };
}
