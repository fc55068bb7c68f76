// SPDX-License-Identifier: MIT
import type { ServerResponse } from 'node:http';

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
/** Heartbeats take one of so many periods, so that streams opened together do not beat together. */
const PERIODS = 16;
let nextPeriod = 0;

/** Begins a stream of server-sent events: the only code that writes to a stream's response. */
export function openSse(response: ServerResponse, options: SseOptions, events: SseEvents): SseWriter {
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(COMMENT);
  }, heartbeatPeriodMs(options.heartbeatMs));
  let stall: NodeJS.Timeout | undefined;
  // ORCH-2133: the connection is lost, the task is not
  const expectDrain = (): void => {
    stall ??= setTimeout(() => response.destroy(), options.drainTimeoutMs);
  };
  response.on('drain', () => {
    clearTimeout(stall);
    stall = undefined;
    events.onDrain();
  });
  // The response tells of every end; a request is already closed when its body has been read.
  response.once('close', () => {
    clearInterval(heartbeat);
    clearTimeout(stall);
    events.onClose();
  });
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    'X-Correlation-Id': options.correlationId,
  });
  return {
    write(frames) {
      heartbeat.refresh();
      if (response.write(frames)) return true;
      expectDrain();
      return false;
    },
    end(frames) {
      clearInterval(heartbeat);
      response.end(frames);
      expectDrain();
    },
    drop: () => void response.destroy(),
    get waitingBytes() {
      return response.writableLength;
    },
  };
}

/** ORCH-2135: between 3/4 of the interval and the interval, in turn. */
function heartbeatPeriodMs(heartbeatMs: number): number {
  nextPeriod = (nextPeriod + 1) % PERIODS;
  return heartbeatMs - Math.floor((heartbeatMs * nextPeriod) / (4 * PERIODS));
}
