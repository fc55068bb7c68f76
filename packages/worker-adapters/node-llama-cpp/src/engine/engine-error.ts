// SPDX-License-Identifier: MIT
import { InsufficientMemoryError } from 'node-llama-cpp';
import type { EngineFault } from '../engine-protocol.ts';

/** A fault with its code, thrown inside the engine thread. */
export class EngineError extends Error {
  readonly fault: EngineFault;

  constructor(fault: EngineFault, cause?: unknown) {
    super(fault.message, { cause });
    this.name = 'EngineError';
    this.fault = fault;
  }
}

/** The request cannot be served as it is; `field` is its JSON path in the API. */
export function invalidParams(field: string, message: string, details: EngineFault['details'] = {}): EngineError {
  return new EngineError({ code: 'INVALID_PARAMS', message, details: { field, ...details } });
}

/** Any throw as a fault: memory is told apart, everything unknown is a broken engine. */
export function toFault(error: unknown): EngineFault {
  if (error instanceof EngineError) return error.fault;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InsufficientMemoryError) return { code: 'REPLICA_EXHAUSTED', message };
  return { code: 'WORKER_RESET', message: `The engine failed: ${message}` };
}
