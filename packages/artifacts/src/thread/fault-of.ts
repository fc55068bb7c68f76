// SPDX-License-Identifier: MIT
import type { ThreadFault } from './protocol.ts';

/** A fault of disk or database. */
export function faultOf(error: unknown): ThreadFault {
  return { code: 'STORE_UNAVAILABLE', cause: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
