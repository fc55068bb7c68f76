// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { ThreadFault } from './protocol.ts';

/** A fault of disk or database, or of what is to be stored. */
export function faultOf(error: unknown): ThreadFault {
  if (OrchError.is(error)) return { code: error.code, message: error.message, details: error.details };
  return { code: 'STORE_UNAVAILABLE', cause: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
