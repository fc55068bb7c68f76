// SPDX-License-Identifier: MIT
import { isObject, parseJson, protocolFault, statusFault, type HttpAnswer } from '@llama-orch/adapter-kit';
import type { JsonObject, OrchError } from '@llama-orch/worker-adapter-api';

/**
 * The status whose code each of the router's error types has (ORCH-4624), also where it comes inside a stream of status
 * 200. A failed generation comes as 424, which is no fault of the caller.
 */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  validation: 422,
  template_error: 422,
  tool_error: 422,
  missing_template_variable: 422,
  overloaded: 429,
  healthcheck: 503,
  generation: 500,
  incomplete_generation: 500,
  incomplete_generation_stream: 500,
};

const TOO_MANY_IN_ALL =
  /`inputs` tokens \+ `max_new_tokens` must be <= (\d+)\. Given: (\d+) `inputs` tokens and (\d+) `max_new_tokens`/;
const TOO_MANY_IN = /`inputs` must have less than (\d+) tokens\. Given: (\d+)/;

/** The fault of an answer that is not what was asked for: an error body, plain text, or no TGI at all. */
export function faultOfAnswer({ status, body, retryAfterMs }: HttpAnswer): OrchError {
  const answer = parseJson(body);
  if (isObject(answer) && typeof answer['error'] === 'string') return faultOfError(answer, { status, retryAfterMs });
  return status >= 200 && status < 300
    ? protocolFault('not_event_stream')
    : statusFault({ status, retryAfterMs }, body);
}

/** Where an error object came. */
interface ErrorSource {
  /** Of the answer; inside a stream it says nothing. */
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
}

/** The fault of the router's own `{error, error_type}`. */
export function faultOfError(
  { error, error_type: type }: Readonly<Record<string, unknown>>,
  { status = 200, retryAfterMs }: ErrorSource = {},
): OrchError {
  const engineMessage = typeof error === 'string' ? error : '';
  const meansStatus = typeof type === 'string' ? STATUS_OF_TYPE[type] : undefined;
  const details: JsonObject = {
    ...(typeof type === 'string' && meansStatus !== undefined ? { engine_type: type } : {}),
    ...(type === 'validation' ? lengthDetails(engineMessage) : {}),
  };
  const told = status >= 400 ? status : (meansStatus ?? 500);
  return statusFault({ status: told, meansStatus, retryAfterMs }, engineMessage, details);
}

/** Only the numbers leave the engine's sentence: the caller learns how long the prompt was and how long it may be. */
function lengthDetails(message: string): JsonObject {
  const [, limit, promptTokens, maxTokens] = TOO_MANY_IN_ALL.exec(message) ?? TOO_MANY_IN.exec(message) ?? [];
  if (limit === undefined) return {};
  return {
    reason: 'context_exceeded',
    field: '$.prompt',
    prompt_tokens: Number(promptTokens),
    ...(maxTokens === undefined ? {} : { max_tokens: Number(maxTokens) }),
    limit: Number(limit),
  };
}
