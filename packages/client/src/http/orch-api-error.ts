// SPDX-License-Identifier: MIT
import type { ErrorDetails, ErrorCode, Problem } from '@llama-orch/api-types';

const BRAND = Symbol.for('@llama-orch/api-error');

/** What an {@link OrchApiError} is made from. */
export interface OrchApiErrorOptions {
  readonly message: string;
  readonly retriable: boolean;
  /** HTTP status; absent when a terminal `error` frame told the error. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly policyLabel?: string;
  readonly details?: ErrorDetails;
  readonly correlationId?: string;
}

/**
 * The service refused a request or ended a task with an error. Test with {@link OrchApiError.is}, never with `instanceof`:
 * two installed copies of this package may meet.
 */
export class OrchApiError extends Error {
  readonly [BRAND] = true;
  /** A code of the closed vocabulary. */
  readonly code: ErrorCode;
  /** HTTP status; undefined when a terminal `error` frame told the error. */
  readonly status: number | undefined;
  /** Whether the same request may succeed later without a change. */
  readonly retriable: boolean;
  /** Milliseconds after which a retry makes sense; undefined when the service did not say. */
  readonly retryAfterMs: number | undefined;
  /** The queue policy that refused. */
  readonly policyLabel: string | undefined;
  /** Names the field (`field`) and the limit (`limit`) where there is one. */
  readonly details: ErrorDetails;
  /** Finds the request in the service's log. */
  readonly correlationId: string | undefined;

  constructor(code: ErrorCode, options: OrchApiErrorOptions) {
    super(options.message);
    this.name = 'OrchApiError';
    this.code = code;
    this.status = options.status;
    this.retriable = options.retriable;
    this.retryAfterMs = options.retryAfterMs;
    this.policyLabel = options.policyLabel;
    this.details = options.details ?? {};
    this.correlationId = options.correlationId;
  }

  /** True for an OrchApiError of any installed copy of this package. */
  static is(value: unknown): value is OrchApiError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /** The error an answer with an error status stands for; `body` is its parsed JSON or its text. */
  static fromAnswer(response: Response, body: unknown): OrchApiError {
    const { status } = response;
    const correlationId = response.headers.get('X-Correlation-Id');
    const told = { status, ...(correlationId === null ? {} : { correlationId }), ...retryAfter(response, body) };
    if (!isProblem(body)) {
      return new OrchApiError('INTERNAL', {
        ...told,
        message: `The answer ${status} does not come from llama-orch`,
        retriable: status === 429 || status >= 500,
      });
    }
    return new OrchApiError(body.code, {
      ...told,
      message: body.message,
      retriable: body.retriable,
      ...(body.policy_label === undefined ? {} : { policyLabel: body.policy_label }),
      ...(body.details === undefined ? {} : { details: body.details }),
      correlationId: body.correlation_id,
    });
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}

function retryAfter({ headers }: Response, body: unknown): { retryAfterMs?: number } {
  if (isProblem(body) && body.retry_after_ms !== undefined) return { retryAfterMs: body.retry_after_ms };
  const backoffMs = Number(headers.get('X-Backoff-Ms') ?? Number.NaN);
  if (backoffMs >= 0) return { retryAfterMs: backoffMs };
  // A proxy may send a date instead of seconds; then the client's own back-off decides.
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN);
  return seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
}
