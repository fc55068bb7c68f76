// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const VALID = /^[\x21-\x7e]{1,128}$/;

/** The request's own correlation id where it is valid, else a new UUID; ORCH-2040. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && VALID.test(given) ? given : randomUUID();
}
