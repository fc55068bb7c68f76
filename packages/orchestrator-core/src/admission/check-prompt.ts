// SPDX-License-Identifier: MIT
import { OrchError, type WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { promptTokensBound } from '../budget/task-amounts.ts';
import { workerRequestOf } from '../dispatch/worker-request-of.ts';
import type { Pool } from '../pool/pool.ts';
import type { Clock } from '../ports.ts';
import type { Task } from '../task/task.ts';
import type { Applicant } from './applicant.ts';

/** An engine that does not count in this time, in milliseconds, is left to refuse the job itself. */
const COUNT_LIMIT_MS = 2_000;
/** A character is at most so many bytes, and a token is at least one. */
const TOKENS_PER_CHAR = 3;

/** A task before it is stored. */
export interface PromptQuestion {
  readonly task: Task;
  readonly applicant: Applicant;
  readonly pool: Pool;
  readonly clock: Clock;
}

/**
 * Asks an engine of the pool whether the prompt leaves room in its context for the tokens the client wants, or for one where it
 * named no number. Undefined, with nothing asked, when the length alone says that it does or no engine can tell.
 */
export function checkPrompt(question: PromptQuestion): Promise<OrchError | undefined> | undefined {
  const { task, applicant, pool } = question;
  const { workload } = task.input;
  if (workload !== 'completion' && workload !== 'chat') return undefined;
  const wanted = applicant.request.maxTokens ?? 1;
  const mostTokens = applicant.chars * TOKENS_PER_CHAR + wanted;
  // ORCH-1508: only what may not fit is counted, so a short prompt costs a comparison.
  if (pool.replicas.every(({ props }) => props === undefined || mostTokens <= props.ctxMaxTokens)) return undefined;
  const replica = pool.replicas.find(
    ({ state, adapter }) => state === 'ready' && typeof adapter.countPromptTokens === 'function',
  );
  const ctxTokens = replica?.props?.ctxMaxTokens;
  if (replica === undefined || ctxTokens === undefined) return undefined;
  if (mostTokens <= ctxTokens || promptTokensBound(task.input) + wanted <= ctxTokens) return undefined;
  return ask(question, replica.adapter, { ctxTokens, wanted });
}

async function ask(
  { task, clock }: PromptQuestion,
  adapter: WorkerAdapter,
  { ctxTokens, wanted }: Room,
): Promise<OrchError | undefined> {
  const overdue = new AbortController();
  const timer = clock.setTimer(COUNT_LIMIT_MS, () => overdue.abort());
  try {
    const promptTokens = await adapter.countPromptTokens?.(workerRequestOf(task), overdue.signal);
    if (promptTokens === undefined || promptTokens + wanted <= ctxTokens) return undefined;
    return misfit(task, promptTokens, { ctxTokens, wanted });
  } catch (fault) {
    // A prompt that the engine cannot read is the client's fault; a count that failed is no reason to refuse anybody.
    return OrchError.is(fault) && fault.code === 'INVALID_PARAMS' ? fault : undefined;
  } finally {
    timer.cancel();
  }
}

/** Tokens of a context, and those that the output is to get of it. */
interface Room {
  readonly ctxTokens: number;
  readonly wanted: number;
}

function misfit({ input }: Task, promptTokens: number, { ctxTokens, wanted }: Room): OrchError {
  const promptField = input.workload === 'chat' ? '$.messages' : '$.prompt';
  const details = { limit: ctxTokens, prompt_tokens: promptTokens, max_tokens: wanted };
  if (promptTokens >= ctxTokens) {
    const message = `The prompt has ${promptTokens} tokens, and the context has room for ${ctxTokens} with the answer.`;
    return new OrchError('INVALID_PARAMS', { message, details: { field: promptField, ...details } });
  }
  const message = `The prompt has ${promptTokens} tokens, which leaves ${ctxTokens - promptTokens} of ${ctxTokens} for the answer.`;
  return new OrchError('INVALID_PARAMS', { message, details: { field: '$.max_tokens', ...details } });
}
