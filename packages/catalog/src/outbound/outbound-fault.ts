// SPDX-License-Identifier: MIT
import { OrchError, type JsonObject } from '@llama-orch/worker-adapter-api';

/** Why a fetch was not tried; the closed list of `details.reason`. */
export type RefusedReason = 'offline' | 'scheme' | 'host' | 'address' | 'size';

/** Why a fetch failed; the closed list of `details.reason`. */
export type FetchReason =
  | 'resolve'
  | 'connect'
  | 'timeout'
  | 'too_slow'
  | 'too_long'
  | 'connection_lost'
  | 'truncated'
  | 'redirects'
  | 'status'
  | 'protocol'
  | 'changed';

/** A request that the policy does not allow; ORCH-1620. */
export function refused(reason: RefusedReason, message: string, details: JsonObject = {}): OrchError {
  return new OrchError('FETCH_REFUSED', { message, details: { reason, ...details } });
}

/** A request that was allowed and failed; ORCH-1616. */
export function failed(reason: FetchReason, message: string, cause?: unknown): OrchError {
  return new OrchError('FETCH_FAILED', { message, details: { reason }, cause });
}

/** Faults of a connection, which the next attempt may not meet. */
const PASSING: ReadonlySet<unknown> = new Set([
  'connect',
  'timeout',
  'connection_lost',
  'truncated',
  'resolve',
  'busy',
]);

/** Whether the same request may succeed in a moment. */
export function isPassing(fault: unknown): boolean {
  return OrchError.is(fault) && fault.code === 'FETCH_FAILED' && PASSING.has(fault.details['reason']);
}
