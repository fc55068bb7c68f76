// SPDX-License-Identifier: MIT
import type { HttpHeaders } from './http-headers.ts';

const MS_PER_SECOND = 1_000;
/** What an engine asks for beyond this is not believed. */
const LONGEST_MS = 86_400_000;

/** What `retry-after-ms`, or else `retry-after` in seconds or as a date, asks for; headers by lower-case name. */
export function retryAfterMsOf(headers: Pick<HttpHeaders, 'get'>): number | undefined {
  const afterMs = headers.get('retry-after-ms');
  const after = headers.get('retry-after');
  if (afterMs !== undefined) return bounded(Number(afterMs || NaN));
  if (after === undefined || after === '') return undefined;
  const seconds = Number(after);
  return bounded(Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * MS_PER_SECOND);
}

function bounded(ms: number): number | undefined {
  return ms >= 0 && ms <= LONGEST_MS ? Math.ceil(ms) : undefined;
}
