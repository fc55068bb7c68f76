// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';

/** How often a failed write is tried again. */
export const RETRY_MS = 500;
/** Wait told to a client: by then the next try has been made. */
const RETRY_AFTER_MS = 2 * RETRY_MS;

/** What the states of a store in trouble mean to a client. */
export const STATE_MEANING = {
  full: 'The disk of the store is full.',
  failing: 'The store cannot write.',
  closed: 'The store is closed.',
} as const;

/** STORE_UNAVAILABLE, with the wait after which the next try is worth it. */
export function storeUnavailable(message: string, cause?: unknown): OrchError {
  return new OrchError('STORE_UNAVAILABLE', { message, retryAfterMs: RETRY_AFTER_MS, cause });
}
