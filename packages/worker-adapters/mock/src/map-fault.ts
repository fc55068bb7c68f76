// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import type { MockFault } from './mock-script.ts';

const CODES = {
  crash: 'WORKER_RESET',
  malformed: 'WORKER_RESET',
  refuse: 'INVALID_PARAMS',
  exhausted: 'REPLICA_EXHAUSTED',
} as const;

const REASONS = {
  crash: 'engine_exited',
  malformed: 'engine_protocol',
  refuse: 'refused',
  exhausted: 'no_memory',
} as const;

/** A fault that ends a run by itself. */
export type EndingFault = keyof typeof CODES;

/** Whether a fault ends a run by itself. */
export function isEnding(fault: MockFault | undefined): fault is EndingFault {
  return fault !== undefined && Object.hasOwn(CODES, fault);
}

/** The error a played fault ends with. */
export function endingFault(fault: EndingFault): OrchError {
  return new OrchError(CODES[fault], { message: `The mock plays ${fault}.`, details: { reason: REASONS[fault] } });
}

/** The engine does not run: it loads, failed to load, crashed or was closed. */
export function downFault(reason: 'loading' | 'load_failed' | 'engine_exited' | 'closed'): OrchError {
  return new OrchError(reason === 'loading' ? 'POOL_UNREADY' : 'WORKER_RESET', {
    message: `The mock engine is not running (${reason}).`,
    details: { reason },
  });
}
