// SPDX-License-Identifier: MIT
const BRAND = Symbol.for('@llama-orch/connection-error');

/**
 * No answer arrived, or a stream was cut and could not be resumed. `cause` holds what the platform reported.
 * Test with {@link OrchConnectionError.is}, never with `instanceof`.
 */
export class OrchConnectionError extends Error {
  readonly [BRAND] = true;
  /** The address that was called. */
  readonly baseUrl: string;

  constructor(baseUrl: string, message: string, cause?: unknown) {
    super(`${message} (${baseUrl})`, cause === undefined ? undefined : { cause });
    this.name = 'OrchConnectionError';
    this.baseUrl = baseUrl;
  }

  /** True for an OrchConnectionError of any installed copy of this package. */
  static is(value: unknown): value is OrchConnectionError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
