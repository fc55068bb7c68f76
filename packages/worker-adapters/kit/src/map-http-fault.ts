// SPDX-License-Identifier: MIT
import type { ErrorCode } from '@llama-orch/api-types';
import { OrchError, type JsonObject } from '@llama-orch/worker-adapter-api';

/** What an engine that talks nonsense did. */
export type ProtocolBreach =
  | 'answer_too_long'
  | 'content_coding'
  | 'event_too_long'
  | 'not_event_stream'
  | 'not_http'
  | 'not_json'
  | 'not_utf8'
  | 'stream_without_end'
  | 'unexpected_event';

/** The fault of an engine that answered, but not in its own protocol. */
export function protocolFault(breach: ProtocolBreach, details: JsonObject = {}): OrchError {
  return new OrchError('WORKER_RESET', {
    message: `The engine broke its protocol (${breach}).`,
    details: { reason: 'engine_protocol', breach, ...details },
  });
}

/** Which of an exchange's time limits passed. */
export type TimeLimit = 'connect' | 'headers' | 'idle' | 'wall';

/** ORCH-4058: an engine that cannot be reached is gone; one that is reached and stays silent has timed out. */
export function timeoutFault(limit: TimeLimit, limitMs: number): OrchError {
  return new OrchError(limit === 'connect' ? 'WORKER_RESET' : 'DECODE_TIMEOUT', {
    message: `The engine did not answer within its ${limit} time limit.`,
    details: { reason: `${limit}_timeout`, limit_ms: limitMs },
  });
}

/** The fault of a connection that could not be made or broke. The cause's text stays with operators. */
export function connectionFault(cause: unknown): OrchError {
  const errno = errnoOf(cause);
  const details: JsonObject = { reason: 'connection_lost', ...(errno === undefined ? {} : { errno }) };
  return new OrchError('WORKER_RESET', { message: 'The connection to the engine failed.', details, cause });
}

/** An answer that is not a success. */
export interface StatusRefusal {
  readonly status: number;
  /** The status whose code fits better, where the engine's own words say more than its status. */
  readonly meansStatus?: number | undefined;
  /** Milliseconds after which the engine wants to be asked again. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The fault of an HTTP answer that is not a success, for engines that do not say more. The engine's own words may repeat
 * a prompt, so they go into the cause, which only operators see.
 */
export function statusFault(
  answer: number | StatusRefusal,
  engineMessage: string,
  details: JsonObject = {},
): OrchError {
  const { status, meansStatus, retryAfterMs } = typeof answer === 'number' ? { status: answer } : answer;
  return new OrchError(codeOf(meansStatus ?? status), {
    message: `The engine answered with status ${status}.`,
    details: { reason: 'engine_status', status, ...details },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: new Error(engineMessage),
  });
}

function codeOf(status: number): ErrorCode {
  // ORCH-4057: one table for all engines that speak HTTP.
  if (status === 401 || (status >= 403 && status <= 405)) return 'INTERNAL';
  if (status === 408 || status === 504) return 'DECODE_TIMEOUT';
  if (status === 429) return 'REPLICA_EXHAUSTED';
  if (status === 503) return 'POOL_UNREADY';
  if (status === 501 || (status >= 400 && status < 500)) return 'INVALID_PARAMS';
  return 'WORKER_RESET';
}

function errnoOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
