// SPDX-License-Identifier: MIT
import type { ConnectionPool } from './connection-pool.ts';
import type { BodySink, HttpConnection, HttpConversation } from './http-connection.ts';
import type { HttpHead } from './http-head.ts';
import { connectionFault, protocolFault, timeoutFault, type TimeLimit } from './map-http-fault.ts';
import type { HttpRequest, SilenceCheck } from './http-request.ts';
import { PhaseTimer, type Timed } from './phase-timer.ts';

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
export interface ChunkSink extends BodySink {
  /** Events until now; only another one is progress, which feeds the idle limit. */
  readonly eventCount: number;
}

/** Limits of one exchange. */
export interface ExchangeLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly wallTimeoutMs: number | undefined;
  readonly maxAnswerBytes: number;
}

/** What one exchange asks. */
export interface Question {
  readonly request: HttpRequest;
  /** The request, encoded. */
  readonly bytes: Buffer;
  /** Receives an event stream; undefined where every answer is read whole. */
  readonly sink: ChunkSink | undefined;
  readonly signal: AbortSignal;
}

/** One request and its answer on one connection of a pool. Used once. */
export class HttpExchange implements HttpConversation, BodySink, Timed {
  readonly #pool: ConnectionPool;
  readonly #limits: ExchangeLimits;
  readonly #question: Question;
  readonly #settled = Promise.withResolvers<HttpAnswer>();
  readonly #timer = new PhaseTimer(this);
  #connection: HttpConnection;
  #wallTimer: NodeJS.Timeout | undefined;
  /** Ends the question of a silence check. */
  #asking: AbortController | undefined;
  /** Why this side ended the exchange. */
  #fault: unknown;
  #head: HttpHead | undefined;
  /** Parts of an answer that is read whole. */
  #parts: Buffer[] | undefined;
  #bodyBytes = 0;

  constructor(pool: ConnectionPool, limits: ExchangeLimits, question: Question) {
    this.#pool = pool;
    this.#limits = limits;
    this.#question = question;
    this.#connection = pool.take();
  }

  /** Rejects an `OrchError`, or `signal.reason` once the connection is closed. */
  run(): Promise<HttpAnswer> {
    const { wallTimeoutMs } = this.#limits;
    const { request, signal } = this.#question;
    signal.addEventListener('abort', this);
    if (wallTimeoutMs !== undefined) {
      this.#wallTimer = setTimeout(() => this.onExpired('wall', wallTimeoutMs), wallTimeoutMs);
    }
    if (request.silence !== undefined) this.#timer.setAlarm(request.silence.afterMs);
    this.#send();
    return this.#settled.promise;
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.#end(this.#question.signal.reason);
  }

  onSent(): void {
    this.#timer.start('headers', this.#question.request.headersTimeoutMs ?? this.#limits.headersTimeoutMs);
  }

  onHead(head: HttpHead): BodySink {
    this.#head = head;
    this.#timer.start('idle', this.#limits.idleTimeoutMs);
    if (head.contentCoding !== 'identity') throw protocolFault('content_coding');
    const isStream = head.status === 200 && head.contentType === 'text/event-stream';
    return (isStream ? this.#question.sink : undefined) ?? this;
  }

  /** Receives an answer that is read whole. */
  push(packet: Buffer, start: number, end: number): void {
    this.#bodyBytes += end - start;
    const { maxAnswerBytes } = this.#limits;
    // ORCH-4054: an endless answer must not eat the memory.
    if (this.#bodyBytes > maxAnswerBytes) throw protocolFault('answer_too_long', { limit: maxAnswerBytes });
    this.#parts ??= [];
    this.#parts.push(Buffer.from(packet.subarray(start, end)));
  }

  onComplete(): void {
    this.#cleanUp();
    this.#pool.give(this.#connection);
    const { status = 0, contentType = '', retryAfterMs } = this.#head ?? {};
    const body = this.#parts === undefined ? '' : Buffer.concat(this.#parts).toString('utf8');
    const answer = { status, contentType, body };
    this.#settled.resolve(retryAfterMs === undefined ? answer : { ...answer, retryAfterMs });
  }

  onBreach(fault: unknown): void {
    this.#end(fault);
  }

  onLost(cause: unknown): void {
    // ORCH-4055: the engine hung up before it saw the request; on a new connection, which is never stale, it is asked again.
    if (this.#connection.isStale) {
      this.#connection = this.#pool.connect();
      this.#send();
      return;
    }
    // ORCH-4056: after a fault or an abort nothing is settled before the connection is closed.
    this.#cleanUp();
    this.#settled.reject(this.#fault ?? connectionFault(cause));
  }

  /** A phase has taken too long. */
  onExpired(limit: TimeLimit, limitMs: number): void {
    this.#end(timeoutFault(limit, limitMs));
  }

  /** Nothing may have come for long enough to ask why. */
  onAlarm(): void {
    const { silence } = this.#question.request;
    if (silence !== undefined && this.progressCount === 0) void this.#ask(silence);
  }

  /** The events of a stream, or the bytes of another answer. */
  get progressCount(): number {
    return (this.#question.sink?.eventCount ?? 0) + this.#bodyBytes;
  }

  #send(): void {
    this.#timer.start('connect', this.#limits.connectTimeoutMs);
    this.#connection.send(this.#question.bytes, this);
  }

  async #ask(silence: SilenceCheck): Promise<void> {
    this.#asking = new AbortController();
    try {
      await silence.ask(this.#asking.signal);
    } catch (fault) {
      this.#onSilent(fault);
    }
  }

  #onSilent(fault: unknown): void {
    if (this.progressCount === 0 && this.#asking?.signal.aborted === false) this.#end(fault);
  }

  /** Closes the connection at once; `run` rejects when it is closed. */
  #end(fault: unknown): void {
    this.#fault ??= fault;
    this.#connection.destroy();
  }

  #cleanUp(): void {
    this.#timer.stop();
    clearTimeout(this.#wallTimer);
    this.#asking?.abort();
    this.#question.signal.removeEventListener('abort', this);
  }
}
