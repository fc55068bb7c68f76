// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { jsonAnswer } from './raw-answers.ts';

/** Raw bytes to send before hanging up, or a function that sends what it likes. */
export type ReplayAnswer = Buffer | ((socket: Socket, request: SeenRequest) => void);

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Head as sent. */
  readonly head: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A server that answers each path with given bytes, head and framing included. */
export interface ReplayServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** Requests in the order they came. */
  readonly seen: readonly SeenRequest[];
  /** Bodies sent to a path. */
  bodiesOf(path: string): readonly Readonly<Record<string, unknown>>[];
}

/** Starts a server on a loopback port; a path without an answer gets 404. */
export async function startReplayServer(answers: Readonly<Record<string, ReplayAnswer>>): Promise<ReplayServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined /* aborts reset connections */);
    readRequests(socket, (request) => {
      seen.push(request);
      const answer = answers[request.path] ?? jsonAnswer(404, { error: 'Not Found' });
      if (typeof answer === 'function') answer(socket, request);
      else socket.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    bodiesOf: (wanted) => seen.filter(({ path }) => path === wanted).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function readRequests(socket: Socket, onRequest: (request: SeenRequest) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    // Sent on a connection this side has closed: the client will notice and ask again.
    if (socket.writableEnded) return;
    held = Buffer.concat([held, chunk]);
    const bodyAt = held.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const head = held.toString('latin1', 0, bodyAt);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (held.length < bodyAt + length) return;
    const text = held.toString('utf8', bodyAt, bodyAt + length);
    held = held.subarray(bodyAt + length);
    const body = text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
    const [method = '', path = ''] = head.split(' ', 2);
    onRequest({ method, path, head, body });
  });
}
