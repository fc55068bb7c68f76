// SPDX-License-Identifier: MIT
import type { ErrorCode } from '@llama-orch/api-types';
import { OrchError } from '@llama-orch/worker-adapter-api';

/**
 * A request that is refused before it reaches the core.
 *
 * @param field Where the offence is: a JSON path, `header.x`, `query.x` or `path.x`.
 * @param message One sentence for people; never a value the client sent.
 * @param details Further facts, such as `expected` or `limit`.
 */
export function refusal(
  code: ErrorCode,
  field: string,
  { message, ...details }: { message?: string; [detail: string]: string | number | undefined } = {},
): OrchError {
  return new OrchError(code, { message, phase: 'request', details: { field, ...details } });
}
