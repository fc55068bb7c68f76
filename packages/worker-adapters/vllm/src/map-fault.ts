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

/** The engine's error types, which are safe to show, and the status each stands for where none comes with it. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  'Bad Request': 400,
  BadRequestError: 400,
  NotFoundError: 404,
  UnprocessableEntityError: 422,
  InternalServerError: 500,
  NotImplementedError: 501,
};

/**
 * The fault of an answer that is not what was asked for. All shapes the engine and what stands before it use: an error
 * object (since August 2025), the same flat (before), a text (a wrong key, scaling), `detail` (an unknown route), and
 * whatever a proxy writes.
 */
export function faultOfAnswer({ status, body, retryAfterMs }: HttpAnswer): OrchError {
  const error = errorIn(parseJson(body));
  if (status >= 200 && status < 300) return error === undefined ? protocolFault('not_event_stream') : faultOf(error);
  return statusFault({ status, retryAfterMs }, error?.message ?? body, detailsOf(error));
}

/** The fault told inside a stream, whose status was 200. */
export function faultInStream(event: unknown): OrchError {
  return faultOf(errorIn(event) ?? { message: '' });
}

/** What an error says about itself. */
interface EngineError {
  /** For operators only. */
  readonly message: string;
  readonly type?: string;
  readonly code?: number;
}

function errorIn(body: unknown): EngineError | undefined {
  if (!isObject(body)) return undefined;
  const { error, object, detail } = body;
  if (typeof error === 'string') return { message: error };
  const fields = isObject(error) ? error : object === 'error' ? body : undefined;
  if (fields === undefined) return detail === undefined ? undefined : { message: JSON.stringify(detail) };
  const type = textOf(fields['type']);
  const code = numberOf(fields['code']);
  return {
    message: textOf(fields['message']) ?? '',
    ...(type === undefined ? {} : { type }),
    ...(code === undefined ? {} : { code }),
  };
}

function faultOf(error: EngineError): OrchError {
  const { code, type = '' } = error;
  const status = code !== undefined && code >= 400 && code < 600 ? code : (STATUS_OF_TYPE[type] ?? 500);
  return statusFault(status, error.message, detailsOf(error));
}

function detailsOf(error: EngineError | undefined): JsonObject {
  const { type } = error ?? {};
  return type !== undefined && type in STATUS_OF_TYPE ? { engine_type: type } : {};
}
