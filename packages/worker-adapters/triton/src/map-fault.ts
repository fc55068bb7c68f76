// SPDX-License-Identifier: MIT
import { isObject, parseJson, protocolFault, statusFault, type HttpAnswer } from '@llama-orch/adapter-kit';
import type { OrchError } from '@llama-orch/worker-adapter-api';

/**
 * What the server's sentences mean, as the status whose code fits (ORCH-4675). Triton has one status for many causes and
 * no code beside the sentence, so sentences decide; only how they begin, where nothing a caller wrote can stand.
 */
const MEANINGS: readonly (readonly [sentence: RegExp, meansStatus: number])[] = [
  [/^Exceeds maximum queue size/, 429],
  [/^Request timeout expired/, 408],
  [/^Server (not ready|exiting)/, 503],
  [/^Model version not ready/, 503],
  [/^Request for unknown model: \S+ (has no available versions|version \d+ is not at ready state)/, 503],
  [/^Request for unknown model: \S+ is not found/, 404],
  [/^Request cancelled by client/, 500],
  [/^expected number of inputs between/, 404],
  [/^(unexpected|failed to parse the request JSON|parameter \S+ has invalid type)/, 404],
  [/^(HTTP end point doesn't support models with decoupled|generate expects model to produce exactly 1)/, 404],
];

const REQUEST_ID = /^\[request id: [^\]]*\] /;
const FRAME = /^data: ?/;

/** The fault of an answer that is not what was asked for: an error as JSON or as an event, or no Triton at all. */
export function faultOfAnswer({ status, body, retryAfterMs }: HttpAnswer): OrchError {
  // An error before the first output has its status and is framed as an event all the same.
  const answer = parseJson(body.replace(FRAME, ''));
  if (isObject(answer) && typeof answer['error'] === 'string') {
    return faultOfError(answer['error'], { status, retryAfterMs });
  }
  return status >= 200 && status < 300
    ? protocolFault('not_event_stream')
    : statusFault({ status, retryAfterMs }, body);
}

/** Where a sentence came. */
interface ErrorSource {
  /** Of the answer; inside a stream it says nothing. */
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
}

/** The fault of the server's own sentence. */
export function faultOfError(error: string, { status = 200, retryAfterMs }: ErrorSource = {}): OrchError {
  const sentence = error.replace(REQUEST_ID, '');
  const meansStatus = MEANINGS.find(([pattern]) => pattern.test(sentence))?.[1];
  const told = status >= 400 ? status : (meansStatus ?? 500);
  return statusFault({ status: told, meansStatus, retryAfterMs }, error);
}
