// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** How a stream connection is kept. */
export interface SseOptions {
  readonly correlationId: string;
  /** Silence after which a comment line is sent. */
  readonly heartbeatMs: number;
  /** How long a connection may take nothing before it is closed. */
  readonly drainTimeoutMs: number;
}

/** One stream connection. */
export interface SseWriter {
  /** Writes frames in one piece; false when no more should be written before `onDrain`. */
  write(frames: string): boolean;
  /** Ends the response, with last frames if there are any. */
  end(frames?: string): void;
  /** Cuts the connection. */
  drop(): void;
  /** Bytes that wait for the client. */
  readonly waitingBytes: number;
}

/** What happens to a connection. */
export interface SseEvents {
  /** The client has taken what waited. */
  onDrain(): void;
  /** The connection is over, whoever ended it; called once. */
  onClose(): void;
}

const COMMENT = ':\n\n';
const LAST_CHUNK = '0\r\n\r\n';
/** Heartbeats take one of so many periods, so that streams opened together do not beat together. */
const PERIODS = 16;
let nextPeriod = 0;

/** Begins a stream of server-sent events: the only code that writes to a stream's response. */
export function openSse(response: ServerResponse, options: SseOptions, events: SseEvents): SseWriter {
  const isChunked = begin(response, options.correlationId);
  const framed = (text: string): string => (isChunked ? chunk(text) : text);
  // The head goes through the response together with the first frames; what follows needs nothing of it.
  let out: Writable = response;
  let quietTickCount = 0;
  const stall = createStall(response, options.drainTimeoutMs);
  const send = (text: string): boolean => {
    quietTickCount = 0;
    const isTaken = out.write(framed(text));
    if (!isTaken) stall.begin();
    return isTaken;
  };
  // Two ticks make a period, so that a write costs no timer.
  const heartbeat = setInterval(
    () => {
      if (++quietTickCount >= 2 && !out.writableNeedDrain) send(COMMENT);
    },
    heartbeatPeriodMs(options.heartbeatMs) / 2,
  );
  const onDrain = (): void => {
    stall.clear();
    events.onDrain();
  };
  response.on('drain', onDrain);
  // The response tells of every end; a request is already closed when its body has been read.
  response.once('close', () => {
    clearInterval(heartbeat);
    stall.clear();
    out.off('drain', onDrain);
    events.onClose();
  });
  return {
    write(frames) {
      const isTaken = send(frames);
      if (out === response && isTaken) out = connectionOf(response, onDrain);
      return isTaken;
    },
    end(frames = '') {
      clearInterval(heartbeat);
      response.end((frames === '' ? '' : framed(frames)) + (isChunked ? LAST_CHUNK : ''));
      stall.begin();
    },
    drop: () => void response.destroy(),
    get waitingBytes() {
      return out.writableLength;
    },
  };
}

/** ORCH-2133: a connection that takes nothing for so long is lost, the task is not. */
function createStall(response: ServerResponse, timeoutMs: number): { begin(): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => void (timer ??= setTimeout(() => response.destroy(), timeoutMs)),
    clear() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/**
 * Where the frames after the first go: the connection itself, which spares each of them the response's turn of the event
 * loop. A response that waits behind another one on its connection has none yet and keeps its frames to itself.
 */
function connectionOf(response: ServerResponse, onDrain: () => void): Writable {
  const { socket } = response;
  if (socket === null) return response;
  response.off('drain', onDrain);
  return socket.on('drain', onDrain);
}

/**
 * Writes the head; true when chunks have to be framed. Framing them here makes a write one string for the socket, where
 * Node would hand it four pieces and a turn of the event loop: a third of what a token costs.
 */
function begin(response: ServerResponse, correlationId: string): boolean {
  const isChunked = response.useChunkedEncodingByDefault;
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Correlation-Id': correlationId,
    ...(isChunked ? { 'Transfer-Encoding': 'chunked' } : {}),
  });
  response.chunkedEncoding = false;
  return isChunked;
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** ORCH-2135: between 3/4 of the interval and the interval, in turn. */
function heartbeatPeriodMs(heartbeatMs: number): number {
  nextPeriod = (nextPeriod + 1) % PERIODS;
  return heartbeatMs - Math.floor((heartbeatMs * nextPeriod) / (4 * PERIODS));
}
