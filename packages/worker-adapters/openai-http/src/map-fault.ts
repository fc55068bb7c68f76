// SPDX-License-Identifier: MIT
import {
  isObject,
  numberOf,
  parseJson,
  protocolFault,
  statusFault,
  textOf,
  type HttpAnswer,
} from '@llama-orch/adapter-kit';
import type { JsonObject, OrchError } from '@llama-orch/worker-adapter-api';

/** Codes and types that say more than the status they come with, and the status that fits them. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  context_length_exceeded: 400,
  invalid_api_key: 401,
  // Out of money is for the operator to cure; waiting does not help.
  insufficient_quota: 403,
  billing_hard_limit_reached: 403,
  billing_not_active: 403,
  model_not_found: 404,
  rate_limit_exceeded: 429,
  slow_down: 429,
  server_is_overloaded: 503,
};

/** What each type stands for where no status comes with it. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  insufficient_quota: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  api_error: 500,
  server_error: 500,
  overloaded_error: 503,
};

/**
 * The fault of an answer that is not what was asked for, in all shapes that occur: an error object, the same flat, a text,
 * `detail`, HTML of a proxy, nothing.
 */
export function faultOfAnswer({ status, body, retryAfterMs }: HttpAnswer): OrchError {
  const error = errorIn(parseJson(body));
  if (status >= 200 && status < 300) return error === undefined ? protocolFault('not_event_stream') : faultOf(error);
  const { code = '', message = body } = error ?? {};
  const meansStatus = STATUS_OF_CODE[code] ?? (error?.type === 'insufficient_quota' ? 403 : undefined);
  return statusFault({ status, meansStatus, retryAfterMs }, message, detailsOf(error));
}

/** The fault told inside a stream, whose status was 200. */
export function faultInStream(event: unknown): OrchError {
  return faultOf(errorIn(event) ?? { message: '' });
}

/** What an error says about itself. */
interface ServerError {
  /** For operators only. */
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  readonly status?: number;
}

function errorIn(body: unknown): ServerError | undefined {
  if (!isObject(body)) return undefined;
  const { error, object, detail } = body;
  if (typeof error === 'string') return { message: error };
  const fields = isObject(error) ? error : object === 'error' || 'message' in body ? body : undefined;
  if (fields === undefined) return detail === undefined ? undefined : { message: JSON.stringify(detail) };
  const type = textOf(fields['type']);
  const code = textOf(fields['code']);
  // Some write the status as the code.
  const status = numberOf(fields['code']) ?? numberOf(fields['status']) ?? statusOfTgi(fields);
  return {
    message: textOf(fields['message']) ?? '',
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
  };
}

/** Text Generation Inference writes one status for every cause inside a stream; its sentence tells them apart. */
function statusOfTgi({ http_status_code: status, message }: Readonly<Record<string, unknown>>): number | undefined {
  if (numberOf(status) === undefined || typeof message !== 'string') return undefined;
  if (message === 'Model is overloaded') return 429;
  return /^(Input validation error|Template error|Tool error): /.test(message) ? 422 : 500;
}

function faultOf(error: ServerError): OrchError {
  const { code = '', type = '', status = 0 } = error;
  const own = status >= 400 && status < 600 ? status : undefined;
  return statusFault(STATUS_OF_CODE[code] ?? own ?? STATUS_OF_TYPE[type] ?? 500, error.message, detailsOf(error));
}

/** Words of the closed tables are safe to show; others may hold anything. */
function detailsOf({ code = '', type = '' }: Partial<ServerError> = {}): JsonObject {
  return {
    ...(type in STATUS_OF_TYPE ? { engine_type: type } : {}),
    ...(code in STATUS_OF_CODE ? { engine_code: code } : {}),
    ...(code === 'context_length_exceeded' ? { reason: 'context_exceeded', field: '$.prompt' } : {}),
  };
}
