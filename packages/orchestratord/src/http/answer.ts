// SPDX-License-Identifier: MIT
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** A whole response that is not a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose body is JSON. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** The answer of an operation that has nothing to say. */
export const NO_CONTENT: Answer = { status: 204, headers: {} };

/** Writes an answer; does nothing when the client is gone or a stream has begun. */
export function sendAnswer(response: ServerResponse, correlationId: string, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  // ORCH-2040: every answer, of every status
  const all: OutgoingHttpHeaders = { 'X-Correlation-Id': correlationId, 'Cache-Control': 'no-store' };
  Object.assign(all, headers);
  if (body !== undefined) all['Content-Length'] = Buffer.byteLength(body);
  response.writeHead(status, all);
  response.end(body);
}
