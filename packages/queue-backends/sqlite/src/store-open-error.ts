// SPDX-License-Identifier: MIT
import type { RefusalReason } from './protocol.ts';

/**
 * A data directory that cannot be used. The message is one line that names the path and the cause; an app prints it and
 * exits with code 78.
 */
export class StoreOpenError extends Error {
  readonly reason: RefusalReason;
  readonly directory: string;

  constructor(reason: RefusalReason, directory: string, cause: string) {
    super(`The data directory ${directory} cannot be used: ${cause.replaceAll(/\s+/g, ' ')}.`);
    this.name = 'StoreOpenError';
    this.reason = reason;
    this.directory = directory;
  }
}
