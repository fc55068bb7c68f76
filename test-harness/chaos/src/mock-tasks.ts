// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import type { Task, TaskAccepted } from '@llama-orch/client';
import { call } from '@llama-orch/harness-bdd';

/** A pool of the mock engine with one slot, steered by what stands in the prompts. */
export const MOCK_POOL = {
  id: 'main',
  adapter: 'mock',
  slots: 1,
  max_tokens_out: 100_000,
  options: { directives: true },
} as const;

/** Keeps its slot without a token for longer than any test. */
export const HOLD = '[[mock start_ms=600000]]';

/** Submits a task to the service at an address; rejects when it is refused. */
export async function submit(baseUrl: string, prompt: string, fields: object = {}): Promise<TaskAccepted> {
  const body = { task_id: randomUUID(), prompt, seed: 7, ...fields };
  const { status, text, json } = await call(baseUrl, { method: 'POST', path: '/v1/tasks', body });
  if (status !== 202) throw new Error(`a submit was refused: ${status} ${text}`);
  return json as TaskAccepted;
}

/** The record of a task; undefined when the service does not know it. */
export async function recordOf(baseUrl: string, taskId: string): Promise<Task | undefined> {
  const { status, json } = await call(baseUrl, { path: `/v1/tasks/${taskId}` });
  return status === 200 ? (json as Task) : undefined;
}

/** Cancels a task. */
export async function cancel(baseUrl: string, taskId: string): Promise<void> {
  const { status, text } = await call(baseUrl, { method: 'POST', path: `/v1/tasks/${taskId}/cancel` });
  if (status !== 204) throw new Error(`a cancel was refused: ${status} ${text}`);
}
