// SPDX-License-Identifier: MIT
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** How long the server lets a connection be silent, in milliseconds. */
export const SILENCE_MS = 5_000;
/** What a connection holds before it asks to wait. */
export const BUFFER_BYTES = 1_024;

/** A connection without a socket, to a client that takes everything until it is blocked. */
export interface ClientLine {
  readonly response: ServerResponse;
  readonly isOpen: () => boolean;
  /** How long the server lets the connection be silent; 0 is for ever. */
  readonly silenceMs: () => number;
  /** From now on the client takes nothing. */
  block(): void;
  /** It takes what waits, and everything again. */
  unblock(): void;
  /** The server is done with the response. */
  close(): void;
}

/** Opens a line for one response of HTTP/1.1. */
export function openClientLine(): ClientLine {
  let isBlocked = false;
  let takeHeld: (() => void) | undefined;
  const duplex = new Duplex({
    highWaterMark: BUFFER_BYTES,
    read: () => undefined,
    write(_chunk, _encoding, taken: () => void) {
      if (isBlocked) takeHeld = taken;
      else taken();
    },
  });
  const connection = Object.assign(duplex, {
    timeout: SILENCE_MS,
    setTimeout: (timeoutMs: number) => (connection.timeout = timeoutMs),
  });
  const request = Object.assign(new IncomingMessage(connection as unknown as Socket), {
    httpVersionMajor: 1,
    httpVersionMinor: 1,
  });
  const response = new ServerResponse(request);
  response.assignSocket(connection as unknown as Socket);
  return {
    response,
    isOpen: () => !connection.destroyed,
    silenceMs: () => connection.timeout,
    block() {
      isBlocked = true;
    },
    unblock() {
      isBlocked = false;
      takeHeld?.();
      takeHeld = undefined;
    },
    close() {
      response.emit('close');
    },
  };
}

/** Lets connections take what was written in this turn. */
export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
