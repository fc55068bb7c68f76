// SPDX-License-Identifier: MIT
import { ConnectionPool } from './connection-pool.ts';
import { HttpExchange, type ChunkSink, type ExchangeLimits, type HttpAnswer } from './http-exchange.ts';
import { connectionFault } from './map-http-fault.ts';
import { createRequestEncoder, type HttpRequest } from './http-request.ts';

/** What {@link createHttpTransport} needs. */
export interface HttpTransportOptions {
  /** Where the engine listens, with an optional path prefix, e.g. `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Sent with every request as `authorization: Bearer …`. */
  readonly apiKey?: string;
  /** Sent with every request. */
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
   * another status or type is read whole and resolved like that of `call`. What the sink throws ends the exchange.
   */
  stream(request: HttpRequest, sink: ChunkSink, signal: AbortSignal): Promise<HttpAnswer>;
  /** Closes all connections; what runs or comes later is rejected. Idempotent. */
  close(): void;
}

/**
 * A transport over plain sockets, made for streams: a request is one write, a read of many chunks is one call.
 * Connections are kept alive; one that the engine closed at the moment it was reused is replaced once, before anything
 * was answered (ORCH-4055).
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const base = new URL(options.baseUrl);
  const { apiKey } = options;
  const encode = createRequestEncoder(base, {
    ...options.headers,
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  });
  const limits = limitsOf(options);
  const pool = new ConnectionPool(base);

  function exchange(request: HttpRequest, sink: ChunkSink | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (pool.isClosed) return Promise.reject(connectionFault(undefined));
    return new HttpExchange(pool, limits, { request, bytes: encode(request), sink, signal }).run();
  }

  return {
    call: (request, signal) => exchange(request, undefined, signal),
    stream: (request, sink, signal) => exchange(request, sink, signal),
    close: () => pool.close(),
  };
}

function limitsOf(options: HttpTransportOptions): ExchangeLimits {
  return {
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 30_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    wallTimeoutMs: options.wallTimeoutMs,
    maxAnswerBytes: options.maxAnswerBytes ?? 67_108_864,
  };
}
