// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** How a stream connection is kept. */
export interface SseOptions {
  readonly correlationId: string;
  /** Silence after which a comment line is sent. */
  readonly heartbeatMs: number;
  /** How long a connection may take nothing before it is closed. */
  readonly drainTimeoutMs: number;
}

const CONTENT_TYPE = 'text/event-stream; charset=utf-8';
const CACHE_CONTROL = 'no-store, no-transform';
const COMMENT = ':\n\n';
const LAST_CHUNK = '0\r\n\r\n';
/** What comes before chunks of up to so many bytes: most hold the frame of one token. */
const chunkHeads = Array.from({ length: 256 }, (_, byteCount) => chunkHead(byteCount));
/** Heartbeats take one of so many periods, so that streams opened together do not beat together. */
const PERIODS = 16;
let nextPeriod = 0;

/** One stream of server-sent events: the only code that writes to a stream's response. */
export class SseWriter {
  // What a token touches stands first and together.
  /** The connection itself, once the head has gone. */
  #socket: Socket | undefined;
  #isChunked = false;
  #quietTickCount = 0;
  readonly #response: ServerResponse;
  #heartbeat: NodeJS.Timeout | undefined;
  #drainTimeoutMs = 0;
  /** Runs while the client has to take something. */
  #stall: NodeJS.Timeout | undefined;
  #silence: SilenceGuard | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Bytes that wait for the client. */
  get waitingBytes(): number {
    return this.#out.writableLength;
  }

  /** True while no more should be written: `onDrain` will tell. */
  protected get isFull(): boolean {
    return this.#stall !== undefined;
  }

  get #out(): Writable {
    return this.#socket ?? this.#response;
  }

  /** Writes the head, which goes out with the first frames; nothing is written before. */
  begin(options: SseOptions): void {
    this.#isChunked = writeHead(this.#response, options.correlationId);
    this.#drainTimeoutMs = options.drainTimeoutMs;
    // Two ticks make a period, so that a write costs no timer.
    this.#heartbeat = setInterval(() => this.#tick(), heartbeatPeriodMs(options.heartbeatMs) / 2);
    // The response tells of every end; a request is already closed when its body has been read.
    this.#response.on('close', () => this.#close());
  }

  /**
   * Writes frames in one piece; false when no more should be written before `onDrain`.
   *
   * @param byteCount How many bytes they are; counted where it is not known.
   */
  write(frames: string, byteCount?: number): boolean {
    this.#quietTickCount = 0;
    const piece = this.#isChunked ? chunk(frames, byteCount) : frames;
    const socket = this.#socket;
    const isTaken = socket === undefined ? this.#writeFirst(piece) : socket.write(piece);
    if (!isTaken) this.#awaitDrain();
    return isTaken;
  }

  /** Ends the response, with last frames if there are any. */
  end(frames = ''): void {
    clearInterval(this.#heartbeat);
    const last = frames !== '' && this.#isChunked ? chunk(frames) : frames;
    this.#response.end(this.#isChunked ? last + LAST_CHUNK : last);
    if (this.#response.writableLength > 0) this.#armStall();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#response.destroy();
  }

  /** The client has taken what waited. */
  protected onDrain?(): void;

  /** The connection is over, whoever ended it; called once. */
  protected onClose?(): void;

  #tick(): void {
    if (++this.#quietTickCount >= 2 && !this.#out.writableNeedDrain) this.write(COMMENT);
    this.#silence?.watch(this.#out.writableLength > 0);
  }

  /**
   * Through the response goes the head and what comes with it. What follows needs nothing of it, and goes to the
   * connection itself, which spares each write the response's turn of the event loop. A response that waits behind
   * another one on its connection has none yet and keeps its frames to itself.
   */
  #writeFirst(piece: string): boolean {
    const isTaken = this.#response.write(piece);
    const { socket } = this.#response;
    if (isTaken && socket !== null) {
      this.#socket = socket;
      this.#silence = new SilenceGuard(socket);
    }
    return isTaken;
  }

  #awaitDrain(): void {
    if (this.#stall !== undefined) return;
    this.#armStall();
    this.#out.once('drain', () => {
      this.#disarmStall();
      this.onDrain?.();
    });
  }

  /** ORCH-2133: a connection that takes nothing for so long is lost, the task is not. */
  #armStall(): void {
    this.#stall ??= setTimeout(() => this.drop(), this.#drainTimeoutMs);
  }

  #disarmStall(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
  }

  #close(): void {
    clearInterval(this.#heartbeat);
    this.#disarmStall();
    this.#silence?.release();
    this.onClose?.();
  }
}

/**
 * Lets the server watch over the silence of a connection only while something waits to be written to it: Node begins its
 * time anew with every write, which costs more than the frame of a token, and a stream's heartbeats never let it run out.
 */
class SilenceGuard {
  readonly #socket: Socket;
  readonly #timeoutMs: number;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#timeoutMs = socket.timeout ?? 0;
    this.watch(false);
  }

  /** Watches from now on, or does not. */
  watch(isWatched: boolean): void {
    const timeoutMs = isWatched ? this.#timeoutMs : 0;
    if (this.#socket.timeout !== timeoutMs) this.#socket.setTimeout(timeoutMs);
  }

  /** Gives the watch back: the server has its own for a connection without a request, but none for the next answer. */
  release(): void {
    if (this.#socket.timeout === 0) this.watch(true);
  }
}

/**
 * Writes the head; true when chunks have to be framed. Framing them here makes a write one string for the socket, where
 * Node would hand it four pieces and a turn of the event loop: a third of what a token costs.
 */
function writeHead(response: ServerResponse, correlationId: string): boolean {
  const headers = ['Content-Type', CONTENT_TYPE, 'Cache-Control', CACHE_CONTROL, 'X-Accel-Buffering', 'no'];
  headers.push('X-Correlation-Id', correlationId);
  response.writeHead(200, headers);
  const isChunked = response.chunkedEncoding;
  response.chunkedEncoding = false;
  return isChunked;
}

function chunk(text: string, byteCount = Buffer.byteLength(text)): string {
  return `${chunkHeads[byteCount] ?? chunkHead(byteCount)}${text}\r\n`;
}

function chunkHead(byteCount: number): string {
  return `${byteCount.toString(16)}\r\n`;
}

/** ORCH-2135: between 3/4 of the interval and the interval, in turn. */
function heartbeatPeriodMs(heartbeatMs: number): number {
  nextPeriod = (nextPeriod + 1) % PERIODS;
  return heartbeatMs - Math.floor((heartbeatMs * nextPeriod) / (4 * PERIODS));
}
