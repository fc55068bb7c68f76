// SPDX-License-Identifier: MIT

/** Ids of the task in the scripted streams. */
export const TASK_ID = '3f0e4a52-6a0b-4f0e-9a57-0d4ac0f5a6b1';
export const JOB_ID = '1a2b3c4d-0f3e-4d57-8f4e-7b1c5d0a9e21';

/** One frame as the service writes it. */
export function frame(seq: number, event: string, data: unknown): string {
  return `id: ${JOB_ID.slice(0, 8)}:${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export const started = frame(0, 'started', {
  task_id: TASK_ID,
  job_id: JOB_ID,
  pool_id: 'haiku',
  queue_position: 0,
  predicted_start_ms: 0,
  seed: 42,
});

/** The token frame with index `i`. */
export function token(i: number, t = `w${i} `): string {
  return frame(i + 1, 'token', { t, i });
}

/** The terminal frame after `tokensOut` tokens. */
export function end(tokensOut: number, finishReason = 'stop'): string {
  return frame(tokensOut + 1, 'end', { tokens_out: tokensOut, decode_time_ms: 5, finish_reason: finishReason });
}

/** A terminal error after `tokensOut` tokens. */
export function error(tokensOut: number, code: string, retriable = false): string {
  return frame(tokensOut + 1, 'error', { code, message: `${code} happened`, retriable });
}

/** A live frame after the stored frame `seq`. */
export function metrics(seq: number, queuePosition: number): string {
  return frame(seq, 'metrics', { state: 'queued', queue_position: queuePosition });
}
