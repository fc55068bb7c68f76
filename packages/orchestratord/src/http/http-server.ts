// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OrchError } from '@llama-orch/worker-adapter-api';
import { sendAnswer } from './answer.ts';
import { correlationIdOf } from './correlation-id.ts';
import { problem } from './problem.ts';
import { refusal } from './refusal.ts';

// An import reads every export of the module, and one of them is a getter that loads Node's own web client: 14 MiB.
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

/** Bounds of connections. */
export interface ServerLimits {
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Bytes that may wait for a client before writes say so. */
  readonly clientBufferBytes: number;
  /** How long a connection may neither read nor write while it is answered. */
  readonly silenceTimeoutMs: number;
}

/** Node checks connections for these timeouts every 30 s unless told otherwise. */
const CHECK_INTERVAL_MS = 1_000;

/** A server that answers also what is not a request it can serve; ORCH-2025, ORCH-2026. */
export function createHttpServer(handle: RequestListener, limits: ServerLimits): Server {
  const newest = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: Math.max(limits.bodyTimeoutMs, limits.headersTimeoutMs),
      keepAliveTimeout: limits.idleTimeoutMs,
      // Node adds a second of its own to what it promises clients.
      keepAliveTimeoutBuffer: 0,
      maxHeaderSize: limits.headerBytes,
      highWaterMark: limits.clientBufferBytes,
      // A missing Host is refused with the rest of the Host rules.
      requireHostHeader: false,
      noDelay: true,
      // A request without a body, as each for a stream is, need not go through the life of a readable stream.
      optimizeEmptyRequests: true,
    },
    (request, response) => {
      newest.set(request.socket, response);
      handle(request, response);
    },
  );
  // ORCH-2028: an answer that nobody reads is not kept
  server.timeout = limits.silenceTimeoutMs;
  server.on('checkExpectation', (request, response) => {
    const correlationId = correlationIdOf(request);
    const fault = refusal('INVALID_PARAMS', 'header.expect', { expected: '100-continue' });
    sendAnswer(response, correlationId, problem(fault, { correlationId }));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Bytes in the middle of an answer would be taken for a part of it.
    if (!socket.writable || isMidAnswer(newest.get(socket))) return void socket.destroy();
    socket.end(rawProblem(faultOf(error, limits)), () => socket.destroy());
  });
  return server;
}

/** Whether a connection carries a part of an answer, as its newest response tells. */
function isMidAnswer(newest: ServerResponse | undefined): boolean {
  if (newest === undefined || newest.writableFinished) return false;
  // One that has no connection yet waits for the end of another.
  return newest.headersSent || newest.socket === null;
}

function faultOf({ code }: NodeJS.ErrnoException, { headerBytes }: ServerLimits): OrchError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusal('HEADERS_TOO_LARGE', 'header', { limit: headerBytes, unit: 'bytes' });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusal('REQUEST_TIMEOUT', '$');
    default:
      return refusal('INVALID_PARAMS', 'request', { message: 'The request is not valid HTTP.' });
  }
}

/** A problem for a connection that has no response object. */
function rawProblem(fault: OrchError): string {
  const correlationId = randomUUID();
  const { status, headers, body = '' } = problem(fault, { correlationId });
  const own = [
    'X-Correlation-Id',
    correlationId,
    'Content-Length',
    String(Buffer.byteLength(body)),
    'Connection',
    'close',
  ];
  const lines = [...headers, ...own].map((text, place) => text + (place % 2 === 0 ? ': ' : '\r\n'));
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
