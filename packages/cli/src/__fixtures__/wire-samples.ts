// SPDX-License-Identifier: MIT

export const TASK_ID = '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1';
export const JOB_ID = '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21';
const DIGEST = 'sha256:886be79a3d8e1c4f0b2a5c6d7e8f90123456789abcdef0123456789abcdef30d';

export const accepted = {
  task_id: TASK_ID,
  job_id: JOB_ID,
  pool_id: 'haiku',
  state: 'queued',
  queue_position: 3,
  predicted_start_ms: 1840,
  backoff_ms: 0,
};

export const queuedTask = {
  task_id: TASK_ID,
  job_id: JOB_ID,
  pool_id: 'haiku',
  state: 'queued',
  workload: 'completion',
  priority: 'batch',
  determinism: 'strict',
  seed: 42,
  queue_position: 3,
  predicted_start_ms: 1840,
  attempt: 0,
  accepted_at: '2026-11-22T13:30:00.000Z',
  timings: {},
  usage: {},
};

export const receipt = {
  seed: 42,
  determinism: 'strict',
  engine: 'node-llama-cpp',
  engine_version: '3.21.1+cpu',
  model_id: 'haiku-tiny',
  model_digest: DIGEST,
  sampler_profile_version: 'default-1',
  sampling: {},
  max_tokens: 64,
  prompt_sha256: 'a'.repeat(64),
  output_sha256: 'b'.repeat(64),
  tokens_in: 14,
  tokens_out: 2,
  slot_mode: 'isolated',
  prefix_reuse: false,
  replica_id: 'haiku-0',
  attempt: 1,
};

const { queue_position: _position, predicted_start_ms: _start, ...rest } = queuedTask;
export const completedTask = {
  ...rest,
  state: 'completed',
  attempt: 1,
  timings: { queue_time_ms: 12, decode_time_ms: 48 },
  usage: { tokens_in: 14, tokens_out: 2 },
  finish_reason: 'stop',
  output: { text: 'a lantern' },
  receipt,
};

export const pool = {
  pool_id: 'haiku',
  engine: 'node-llama-cpp',
  model_id: 'haiku-tiny',
  live: true,
  ready: true,
  draining: false,
  slots: 2,
  slots_busy: 1,
  queue_depth: { interactive: 4, batch: 7 },
};

export const capabilities = {
  api_version: '1',
  pools: [
    {
      pool_id: 'haiku',
      engine: 'node-llama-cpp',
      engine_version: '3.21.1+cpu',
      model_id: 'haiku-tiny',
      model_digest: DIGEST,
      sampler_profile_version: 'default-1',
      ctx_max: 512,
      max_tokens_out: 512,
      slots: 2,
      workloads: ['completion', 'chat'],
      limits: { interactive_tasks: 1000, batch_tasks: 10_000, queued_bytes: 1, full_policy: 'reject' },
    },
  ],
};

/** One frame as the service writes it. */
export function frame(seq: number, event: string, data: unknown): string {
  return `id: ${JOB_ID.slice(0, 8)}:${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

const ids = { task_id: TASK_ID, job_id: JOB_ID, pool_id: 'haiku', seed: 42 };
export const started = frame(0, 'started', { ...ids, queue_position: 3, predicted_start_ms: 1840 });
export const moved = frame(0, 'metrics', { state: 'queued', queue_position: 1 });
export const running = frame(0, 'metrics', { state: 'running', queue_position: 0, queue_time_ms: 5 });
export const tokens = [frame(1, 'token', { t: 'a', i: 0 }), frame(2, 'token', { t: ' lantern', i: 1 })];
export const end = frame(3, 'end', { tokens_out: 2, decode_time_ms: 4, finish_reason: 'stop', receipt });
export const canceled = frame(1, 'end', { tokens_out: 0, decode_time_ms: 0, finish_reason: 'canceled' });
export const failed = frame(1, 'error', { code: 'WORKER_RESET', message: 'The engine failed.', retriable: true });
