// SPDX-License-Identifier: MIT
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { connectionFault, protocolFault, timeoutFault, type TimeLimit } from './map-http-fault.ts';

/** One request to an engine. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, e.g. `/completion`. */
  readonly path: string;
  /** JSON text to send. */
  readonly body?: string;
  /** `fresh` for engines whose kept connections cannot be trusted. Default `pooled`. */
  readonly connection?: 'pooled' | 'fresh';
  /** Overrides the transport's limit, in milliseconds. */
  readonly headersTimeoutMs?: number;
}

/** An answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Media type in lower case, without parameters. */
  readonly contentType: string;
  /** Empty after a stream. */
  readonly body: string;
}

/** Receives the bytes of a streamed answer; returns whether they were progress, which feeds the idle timer. */
export type ChunkSink = (chunk: Buffer) => boolean;

/** What all exchanges of a transport share. */
export interface ExchangeSettings {
  readonly base: URL;
  readonly prefix: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly wallTimeoutMs?: number;
  readonly maxAnswerBytes: number;
  readonly request: (options: RequestOptions) => ClientRequest;
}

/** One request and its answer on one connection. Used once. */
export class HttpExchange {
  readonly #request: HttpRequest;
  readonly #settings: ExchangeSettings;
  readonly #onChunk: ChunkSink | undefined;
  readonly #settled = Promise.withResolvers<HttpAnswer>();
  #client: ClientRequest | undefined;
  #phaseTimer: NodeJS.Timeout | undefined;
  #wallTimer: NodeJS.Timeout | undefined;
  /** Why this side ended the exchange. */
  #fault: unknown;
  /** What the connection died of by itself. */
  #loss: unknown;
  #sawHead = false;
  #isAnswered = false;

  constructor(request: HttpRequest, settings: ExchangeSettings, onChunk: ChunkSink | undefined) {
    this.#request = request;
    this.#settings = settings;
    this.#onChunk = onChunk;
  }

  /** True when a kept connection turned out to be closed before any byte of the answer. */
  get wasStale(): boolean {
    return !this.#sawHead && this.#fault === undefined && this.#client?.reusedSocket === true;
  }

  /** Rejects an `OrchError`, or `signal.reason` once the connection is closed. */
  async run(agent: Agent, signal: AbortSignal): Promise<HttpAnswer> {
    const client = this.#settings.request(this.#options(agent));
    this.#client = client;
    const abort = (): void => this.#end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    client.on('socket', (socket) => this.#onSocket(socket));
    client.on('response', (response) => this.#onHead(response));
    client.on('error', (error) => (this.#loss ??= error));
    // ORCH-4056: after a fault or an abort nothing is settled before the connection is closed.
    client.on('close', () => {
      if (!this.#isAnswered) this.#settled.reject(this.#fault ?? connectionFault(this.#loss));
    });
    const { wallTimeoutMs } = this.#settings;
    if (wallTimeoutMs !== undefined) this.#wallTimer = this.#after(wallTimeoutMs, 'wall');
    client.end(this.#request.body);
    try {
      return await this.#settled.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(this.#phaseTimer);
      clearTimeout(this.#wallTimer);
    }
  }

  #options(agent: Agent): RequestOptions {
    const { base, prefix, headers } = this.#settings;
    const { body, method, path } = this.#request;
    const content =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return {
      agent,
      method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      path: prefix + path,
      headers: { ...headers, ...content, 'accept-encoding': 'identity' },
    };
  }

  #onSocket(socket: Socket): void {
    if (socket.connecting) {
      this.#phaseTimer = this.#after(this.#settings.connectTimeoutMs, 'connect');
      socket.once('connect', () => this.#awaitHead());
    } else {
      this.#awaitHead();
    }
  }

  #awaitHead(): void {
    clearTimeout(this.#phaseTimer);
    this.#phaseTimer = this.#after(this.#request.headersTimeoutMs ?? this.#settings.headersTimeoutMs, 'headers');
  }

  #onHead(response: IncomingMessage): void {
    this.#sawHead = true;
    clearTimeout(this.#phaseTimer);
    this.#phaseTimer = this.#after(this.#settings.idleTimeoutMs, 'idle');
    response.on('error', (error) => (this.#loss ??= error));
    const coding = response.headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity') {
      this.#end(protocolFault('content_coding'));
      return;
    }
    const contentType = (response.headers['content-type'] ?? '').split(';', 1).join('').trim().toLowerCase();
    const answer = { status: response.statusCode ?? 0, contentType, body: '' };
    if (this.#onChunk !== undefined && answer.status === 200 && contentType === 'text/event-stream') {
      this.#passOn(response, answer, this.#onChunk);
    } else {
      this.#collect(response, answer);
    }
  }

  #passOn(response: IncomingMessage, answer: HttpAnswer, onChunk: ChunkSink): void {
    response.on('data', (chunk: Buffer) => {
      if (this.#fault !== undefined) return;
      try {
        if (onChunk(chunk)) this.#phaseTimer?.refresh();
      } catch (error) {
        this.#end(error);
      }
    });
    response.on('end', () => this.#finish(response, answer));
  }

  #collect(response: IncomingMessage, answer: HttpAnswer): void {
    const parts: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      this.#phaseTimer?.refresh();
      if (bytes <= this.#settings.maxAnswerBytes) parts.push(chunk);
      // ORCH-4054: an endless answer must not eat the memory.
      else this.#end(protocolFault('answer_too_long', { limit: this.#settings.maxAnswerBytes }));
    });
    response.on('end', () => this.#finish(response, { ...answer, body: Buffer.concat(parts).toString('utf8') }));
  }

  #finish(response: IncomingMessage, answer: HttpAnswer): void {
    if (this.#fault !== undefined || !response.complete) return;
    this.#isAnswered = true;
    this.#settled.resolve(answer);
  }

  /** Closes the connection at once; `run` rejects when it is closed. */
  #end(fault: unknown): void {
    this.#fault ??= fault;
    this.#client?.destroy();
  }

  #after(limitMs: number, limit: TimeLimit): NodeJS.Timeout {
    return setTimeout(() => this.#end(timeoutFault(limit, limitMs)), limitMs);
  }
}
