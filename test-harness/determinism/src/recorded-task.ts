// SPDX-License-Identifier: MIT
import type { OrchClient, Receipt, TaskRequest, TaskStream, TokenFrame } from '@llama-orch/client';

/** Everything a client saw of a task that has to be the same when it is run again. */
export interface RecordedTask {
  readonly tokens: readonly TokenFrame[];
  readonly finishReason: string;
  readonly receipt: Receipt;
}

/** Submits a task and records its stream. */
export async function recordTask(client: OrchClient, request: TaskRequest): Promise<RecordedTask> {
  return record(client.run(request));
}

/** Records the stream of a task that was submitted before. */
export async function recordStream(client: OrchClient, taskId: string): Promise<RecordedTask> {
  return record(client.stream(taskId));
}

/** Resolves when a task that was submitted before has shown its first token; the stream is left then. */
export async function firstToken(client: OrchClient, taskId: string): Promise<void> {
  for await (const { event } of client.stream(taskId)) if (event === 'token') return;
  throw new Error('The stream ended without a token.');
}

async function record(stream: TaskStream): Promise<RecordedTask> {
  const tokens: TokenFrame[] = [];
  for await (const frame of stream) {
    if (frame.event === 'token') tokens.push(frame.data);
    if (frame.event === 'error') throw new Error(`The task failed: ${frame.data.code}`);
    if (frame.event !== 'end') continue;
    const { finish_reason: finishReason, receipt } = frame.data;
    if (receipt === undefined) throw new Error('The task has no receipt.');
    return { tokens, finishReason, receipt };
  }
  throw new Error('The stream ended without its last frame.');
}

/** The request that repeats a task, made of nothing but its receipt and its work. */
export function replay(receipt: Receipt, work: Pick<TaskRequest, 'prompt' | 'messages'>): TaskRequest {
  const { sampling, determinism, sampler_profile_version, max_tokens } = receipt;
  const { stop, ...settings } = sampling;
  return { ...work, determinism, sampler_profile_version, max_tokens, ...settings, ...(stop.length > 0 && { stop }) };
}
