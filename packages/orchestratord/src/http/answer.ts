// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';

/** Names and values of headers in turn, as Node takes them without looking each name up. */
export type HeaderList = readonly string[];

/** A whole response that is not a stream. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body?: string;
}

/** An answer whose body is JSON. */
export function jsonAnswer(status: number, body: unknown, headers: HeaderList = []): Answer {
  return {
    status,
    headers: ['Content-Type', 'application/json; charset=utf-8', ...headers],
    body: JSON.stringify(body),
  };
}

/** The answer of an operation that has nothing to say. */
export const NO_CONTENT: Answer = { status: 204, headers: [] };

/** Writes an answer; does nothing when the client is gone or a stream has begun. */
export function sendAnswer(response: ServerResponse, correlationId: string, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  // ORCH-2040: every answer, of every status
  const all: (string | number)[] = ['X-Correlation-Id', correlationId, 'Cache-Control', 'no-store', ...headers];
  if (body !== undefined) all.push('Content-Length', Buffer.byteLength(body));
  response.writeHead(status, all);
  response.end(body);
}
