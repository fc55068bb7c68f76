// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { EngineFault } from './engine-protocol.ts';

/** The engine thread's fault as the error of the port. */
export function mapFault({ code, message, details }: EngineFault): OrchError {
  return new OrchError(code, { message, ...(details === undefined ? {} : { details }) });
}

/** The fault of a run whose engine is gone. */
export function engineGone(cause: unknown): OrchError {
  return new OrchError('WORKER_RESET', { message: 'The engine is gone.', cause });
}
