// SPDX-License-Identifier: MIT
import http from 'node:http';
import https from 'node:https';
import { HttpExchange, type ChunkSink, type HttpAnswer, type HttpRequest } from './http-exchange.ts';

/** What {@link createHttpTransport} needs. */
export interface HttpTransportOptions {
  /** Where the engine listens, with an optional path prefix, e.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Sent with every request, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the connection stands. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds from the sent request to the answer's head. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two signs of progress in an answer's body. Default 60,000. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a whole exchange. Default: no limit. */
  readonly wallTimeoutMs?: number;
  /** Bound of an answer that is read whole, in bytes. Default 67,108,864. */
  readonly maxAnswerBytes?: number;
}

/** Speaks HTTP/1.1 to one engine over a pool of connections of its own. */
export interface HttpTransport {
  /**
   * Reads an answer whole, whatever its status.
   *
   * Rejects an `OrchError` (WORKER_RESET, DECODE_TIMEOUT), or `signal.reason` once the aborted connection is closed.
   */
  call(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /**
   * Passes the bytes of an event stream on as they come and resolves after its end with an empty body. An answer of
   * another status or type is read whole and resolved like that of `call`. What `onChunk` throws ends the exchange.
   */
  stream(request: HttpRequest, onChunk: ChunkSink, signal: AbortSignal): Promise<HttpAnswer>;
  /** Closes all connections; what runs is rejected. Idempotent. */
  close(): void;
}

const DEFAULTS = {
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  maxAnswerBytes: 67_108_864,
} as const;

/** Free connections kept for the next request. */
const MAX_FREE_SOCKETS = 256;

/**
 * A transport over node:http callbacks. Connections are kept alive; one that the engine closed at the moment it was
 * reused is replaced once, before anything was answered (ORCH-4055).
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const base = new URL(options.baseUrl);
  const client = base.protocol === 'https:' ? https : http;
  const pooled = new client.Agent({ keepAlive: true, maxFreeSockets: MAX_FREE_SOCKETS, scheduling: 'lifo' });
  const fresh = new client.Agent({ keepAlive: false });
  // All connections go to one engine, so the pool needs no key; building one costs a tenth of a request.
  pooled.getName = () => base.host;
  const shared = {
    base,
    headers: options.headers,
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    headersTimeoutMs: options.headersTimeoutMs ?? DEFAULTS.headersTimeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? DEFAULTS.idleTimeoutMs,
    wallTimeoutMs: options.wallTimeoutMs,
    maxAnswerBytes: options.maxAnswerBytes ?? DEFAULTS.maxAnswerBytes,
    prefix: base.pathname.endsWith('/') ? base.pathname.slice(0, -1) : base.pathname,
    request: client.request,
  };

  async function exchange(
    request: HttpRequest,
    onChunk: ChunkSink | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const first = new HttpExchange(request, shared, onChunk);
    try {
      return await first.run(request.connection === 'fresh' ? fresh : pooled, signal);
    } catch (fault) {
      // ORCH-4055: the engine hung up before it saw the request; on a new connection it is asked once more.
      if (!first.wasStale || signal.aborted) throw fault;
      return new HttpExchange(request, shared, onChunk).run(fresh, signal);
    }
  }

  return {
    call: (request, signal) => exchange(request, undefined, signal),
    stream: (request, onChunk, signal) => exchange(request, onChunk, signal),
    close() {
      pooled.destroy();
      fresh.destroy();
    },
  };
}
