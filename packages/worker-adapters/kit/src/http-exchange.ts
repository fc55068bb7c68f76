// SPDX-License-Identifier: MIT
import { HttpAnswerReader, type HttpHead } from './http-answer-reader.ts';
import type { HttpConnection, HttpConversation } from './http-connection.ts';
import { connectionFault, protocolFault, timeoutFault, type TimeLimit } from './map-http-fault.ts';
import type { HttpRequest, SilenceCheck } from './http-request.ts';
import { PhaseTimer } from './phase-timer.ts';

/** An answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** Media type in lower case, without parameters. */
  readonly contentType: string;
  /** Empty after a stream. */
  readonly body: string;
  /** Milliseconds after which the engine wants to be asked again; absent when it names none. */
  readonly retryAfterMs?: number;
}

/** Receives a streamed answer. */
export interface ChunkSink {
  /**
   * Takes the bytes from `start` to before `end`, which are valid during the call; returns whether they were progress,
   * which feeds the idle limit.
   */
  push(packet: Buffer, start: number, end: number): boolean;
}

/** Limits of one exchange. */
export interface ExchangeLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly wallTimeoutMs: number | undefined;
  readonly maxAnswerBytes: number;
}

/** One request and its answer on one connection. Used once. */
export class HttpExchange extends HttpAnswerReader implements HttpConversation {
  readonly #connection: HttpConnection;
  readonly #limits: ExchangeLimits;
  readonly #sink: ChunkSink | undefined;
  readonly #settled = Promise.withResolvers<HttpAnswer>();
  readonly #timer = new PhaseTimer(this);
  #wallTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  /** Ends the question of a silence check. */
  #asking: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #headersTimeoutMs: number;
  /** Why this side ended the exchange. */
  #fault: unknown;
  #head: HttpHead | undefined;
  /** Parts of an answer that is read whole; undefined in a stream. */
  #parts: Buffer[] | undefined;
  #bytes = 0;
  #isSilent = true;
  #hasProgressed = false;
  #wasStale = false;

  constructor(connection: HttpConnection, limits: ExchangeLimits, sink: ChunkSink | undefined) {
    super();
    this.#connection = connection;
    this.#limits = limits;
    this.#headersTimeoutMs = limits.headersTimeoutMs;
    this.#sink = sink;
  }

  /** True when a kept connection turned out to be closed before any byte of the answer. */
  get wasStale(): boolean {
    return this.#wasStale;
  }

  /** Rejects an `OrchError`, or `signal.reason` once the connection is closed. */
  run(bytes: Buffer, { silence, headersTimeoutMs }: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { connectTimeoutMs, wallTimeoutMs } = this.#limits;
    if (headersTimeoutMs !== undefined) this.#headersTimeoutMs = headersTimeoutMs;
    this.#signal = signal;
    signal.addEventListener('abort', this);
    if (wallTimeoutMs !== undefined) {
      this.#wallTimer = setTimeout(() => this.onExpired('wall', wallTimeoutMs), wallTimeoutMs);
    }
    if (silence !== undefined) this.#silenceTimer = setTimeout(() => void this.#ask(silence), silence.afterMs);
    this.#timer.start('connect', connectTimeoutMs);
    this.#connection.send(bytes, this);
    return this.#settled.promise;
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.#end(this.#signal?.reason);
  }

  onSent(): void {
    this.#timer.start('headers', this.#headersTimeoutMs);
  }

  protected onHead(head: HttpHead): void {
    this.#head = head;
    this.#timer.start('idle', this.#limits.idleTimeoutMs);
    const isStream = this.#sink !== undefined && head.status === 200 && head.contentType === 'text/event-stream';
    if (!isStream) this.#parts = [];
    if (head.contentCoding !== 'identity') this.#end(protocolFault('content_coding'));
  }

  protected onBody(packet: Buffer, start: number, end: number): void {
    if (this.#fault !== undefined) return;
    if (this.#parts !== undefined) {
      this.#collect(packet.subarray(start, end), this.#parts);
      return;
    }
    try {
      if (this.#sink?.push(packet, start, end) === true) this.#noteProgress();
    } catch (error) {
      this.#end(error);
    }
  }

  onComplete(): void {
    this.#cleanUp();
    const { status = 0, contentType = '', retryAfterMs } = this.#head ?? {};
    const body = this.#parts === undefined ? '' : Buffer.concat(this.#parts).toString('utf8');
    const answer = { status, contentType, body };
    this.#settled.resolve(retryAfterMs === undefined ? answer : { ...answer, retryAfterMs });
  }

  onBreach(fault: unknown): void {
    this.#end(fault);
  }

  /** ORCH-4056: after a fault or an abort nothing is settled before the connection is closed. */
  onLost(cause: unknown): void {
    this.#cleanUp();
    this.#wasStale = this.#connection.isStale;
    this.#settled.reject(this.#fault ?? connectionFault(cause));
  }

  /** A phase has taken too long. */
  onExpired(limit: TimeLimit, limitMs: number): void {
    this.#end(timeoutFault(limit, limitMs));
  }

  takeProgress(): boolean {
    const hasProgressed = this.#hasProgressed;
    this.#hasProgressed = false;
    return hasProgressed;
  }

  #noteProgress(): void {
    this.#isSilent = false;
    this.#hasProgressed = true;
  }

  #collect(bytes: Buffer, parts: Buffer[]): void {
    this.#noteProgress();
    this.#bytes += bytes.length;
    const { maxAnswerBytes } = this.#limits;
    if (this.#bytes <= maxAnswerBytes) parts.push(Buffer.from(bytes));
    // ORCH-4054: an endless answer must not eat the memory.
    else this.#end(protocolFault('answer_too_long', { limit: maxAnswerBytes }));
  }

  async #ask(silence: SilenceCheck): Promise<void> {
    if (!this.#isSilent) return;
    this.#asking = new AbortController();
    try {
      await silence.ask(this.#asking.signal);
    } catch (fault) {
      this.#onSilent(fault);
    }
  }

  #onSilent(fault: unknown): void {
    if (this.#isSilent && this.#asking?.signal.aborted === false) this.#end(fault);
  }

  /** Closes the connection at once; `run` rejects when it is closed. */
  #end(fault: unknown): void {
    this.#fault ??= fault;
    this.#connection.destroy();
  }

  #cleanUp(): void {
    this.#timer.stop();
    clearTimeout(this.#wallTimer);
    clearTimeout(this.#silenceTimer);
    this.#asking?.abort();
    this.#signal?.removeEventListener('abort', this);
  }
}
