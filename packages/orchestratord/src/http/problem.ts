// SPDX-License-Identifier: MIT
import { ERROR_TABLE, type Problem } from '@llama-orch/api-types';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { toWireError } from './to-wire.ts';
import { jsonAnswer, type Answer, type HeaderList } from './answer.ts';

/** What a client is told to wait when the cause gives no figure. */
const DEFAULT_BACKOFF_MS = 1_000;

/** What a problem is made from besides the fault. */
export interface ProblemContext {
  readonly correlationId: string;
  /** The policy that refused, for a full queue. */
  readonly policyLabel?: string;
  /** Headers that go along. */
  readonly headers?: HeaderList;
}

/** A fault as the answer to its request. The only place that turns a code into a status. */
export function problem(fault: unknown, context: ProblemContext): Answer {
  const { status, body } = describeProblem(fault, context);
  return jsonAnswer(status, body, [...headersOf(status, body.retry_after_ms), ...(context.headers ?? [])]);
}

/** The status and the body of that answer. */
export function describeProblem(
  fault: unknown,
  { correlationId, policyLabel }: ProblemContext,
): { readonly status: number; readonly body: Problem } {
  // ORCH-2041: what is not ours says nothing to the client
  const error = OrchError.is(fault) ? fault : new OrchError('INTERNAL', { cause: fault });
  const status = ERROR_TABLE[error.code].http;
  const wire = toWireError(error);
  const backoffMs = isBackPressure(status) ? Math.ceil(error.retryAfterMs ?? DEFAULT_BACKOFF_MS) : wire.retry_after_ms;
  const body: Problem = {
    code: wire.code,
    message: wire.message,
    retriable: wire.retriable,
    policy_label: policyLabel,
    retry_after_ms: backoffMs,
    details: wire.details,
    correlation_id: correlationId,
  };
  return { status, body };
}

function isBackPressure(status: number): boolean {
  return status === 429 || status === 503;
}

function headersOf(status: number, backoffMs: number | undefined): HeaderList {
  if (status === 401) return ['WWW-Authenticate', 'Bearer'];
  if (!isBackPressure(status) || backoffMs === undefined) return [];
  // ORCH-2042: rounded up, for a client that comes back too early is refused again
  return ['Retry-After', String(Math.max(1, Math.ceil(backoffMs / 1000))), 'X-Backoff-Ms', String(backoffMs)];
}
