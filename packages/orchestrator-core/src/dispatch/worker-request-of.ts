// SPDX-License-Identifier: MIT
import type { WorkerRequest } from '@llama-orch/worker-adapter-api';
import type { Task } from '../task/task.ts';

/** What of a task an engine is told. */
export function workerRequestOf(task: Task): WorkerRequest {
  const { jobId, sessionId, input, maxTokens, sampling, responseFormat, determinism, kvHint } = task;
  return { jobId, sessionId, input, maxTokens, sampling, responseFormat, determinism, kvHint };
}
