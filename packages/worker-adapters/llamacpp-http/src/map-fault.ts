// SPDX-License-Identifier: MIT
import { isObject, parseJson, protocolFault, statusFault, type HttpAnswer } from '@llama-orch/adapter-kit';
import type { OrchError, JsonObject } from '@llama-orch/worker-adapter-api';

/** The status each of the engine's error types stands for, also where it comes inside a stream of status 200. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  exceed_context_size_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  server_error: 500,
  not_supported_error: 501,
  unavailable_error: 503,
};

/**
 * The fault of an answer that is not what was asked for: an error body, or no llama-server at all.
 *
 * @param promptField JSON path of what was too long, if something was.
 */
export function faultOfAnswer({ status, body }: HttpAnswer, promptField = '$.prompt'): OrchError {
  const answer = parseJson(body);
  const error = isObject(answer) ? answer['error'] : undefined;
  if (isObject(error)) return faultOfEngineError(error, { status, promptField });
  return status >= 200 && status < 300 ? protocolFault('not_event_stream') : statusFault(status, body);
}

/** Where an error came from. */
interface ErrorPlace {
  /** Of the answer it came in; inside a stream the object's own code counts. */
  readonly status: number;
  readonly promptField: string;
}

/** The fault of the engine's own `error` object. */
export function faultOfEngineError(
  error: Readonly<Record<string, unknown>>,
  { status, promptField }: ErrorPlace = { status: 200, promptField: '$.prompt' },
): OrchError {
  const { type, code, message } = error;
  const engineMessage = typeof message === 'string' ? message : '';
  // ORCH-4331: the closed type decides, then the status; never the message, which changes between builds.
  const typed = typeof type === 'string' ? STATUS_OF_TYPE[type] : undefined;
  const own = typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
  const details: JsonObject = {
    ...(typeof type === 'string' && typed !== undefined ? { engine_type: type } : {}),
    ...(type === 'exceed_context_size_error' ? contextDetails(error, promptField) : {}),
  };
  return statusFault(typed ?? (status >= 400 ? status : own), engineMessage, details);
}

/** ORCH-4332: the caller learns how long the prompt was and how long it may be. */
function contextDetails(error: Readonly<Record<string, unknown>>, field: string): JsonObject {
  const { n_prompt_tokens: promptTokens, n_ctx: ctxTokens } = error;
  return {
    reason: 'context_exceeded',
    field,
    ...(typeof promptTokens === 'number' ? { prompt_tokens: promptTokens } : {}),
    ...(typeof ctxTokens === 'number' ? { limit: ctxTokens } : {}),
  };
}
