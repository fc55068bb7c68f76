// SPDX-License-Identifier: MIT
import type { Sampling } from '@llama-orch/worker-adapter-api';
import type { JobId, PoolId, TaskId } from '../task/ids.ts';
import type { Task, TaskRequest } from '../task/task.ts';

/** The pool of tasks that name none. */
export const TEST_POOL = 'haiku' as PoolId;

/** Greedy: what a test expects does not hang on a sampler. */
export const TEST_SAMPLING: Sampling = {
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

let builtCount = 0;

/** A UUID that no other call in this process returns. */
export function uniqueTaskId(): TaskId {
  builtCount += 1;
  return `00000000-0000-4000-8000-${builtCount.toString(16).padStart(12, '0')}` as TaskId;
}

/** An admitted task; what a test does not name has a harmless value. The fingerprint belongs to the id alone. */
export function buildTask(fields: Partial<Task> = {}): Task {
  const id = fields.id ?? uniqueTaskId();
  return {
    id,
    jobId: `job-${id}` as JobId,
    poolId: TEST_POOL,
    priority: 'interactive',
    input: { workload: 'completion', prompt: 'a haiku about rain' },
    maxTokens: 32,
    determinism: 'strict',
    samplerProfileVersion: 'default-1',
    sampling: TEST_SAMPLING,
    kvHint: 'reuse',
    outputMode: 'text',
    metadata: {},
    fingerprint: `fingerprint-of-${id}`,
    sizeBytes: 100,
    identity: 'anonymous',
    correlationId: `correlation-of-${id}`,
    acceptedAtMs: 0,
    createdAt: 0,
    ...fields,
  };
}

/** What a client submits; the smallest legal request unless a test names more. */
export function buildRequest(fields: Partial<TaskRequest> = {}): TaskRequest {
  return { input: { workload: 'completion', prompt: 'a haiku about rain' }, ...fields };
}
