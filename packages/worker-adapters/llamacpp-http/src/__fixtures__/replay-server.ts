// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { createLlamacppHttpAdapter, type LlamacppHttpOptions } from '../llamacpp-http-adapter.ts';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { jsonAnswer, rawAnswer } from './recorded-answer.ts';

/** Raw bytes to send, or a function that sends what it likes. */
export type Answer = Buffer | ((socket: Socket) => void);

/** One request as it arrived. */
export interface SeenRequest {
  readonly path: string;
  /** Head as sent. */
  readonly head: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An adapter and a server that answers it with given bytes and hangs up, as llama-server does after a stream. */
export interface Replay extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  readonly seen: SeenRequest[];
  /** Bodies sent to `/completion`. */
  completions(): readonly Readonly<Record<string, unknown>>[];
}

/** What a server with one slot, `/slots` and `/metrics` answers; tests override single paths. */
const DEFAULT_ANSWERS: Readonly<Record<string, Answer>> = {
  '/health': rawAnswer('recorded/health-ready'),
  '/props': rawAnswer('recorded/props'),
  '/metrics': rawAnswer('recorded/metrics'),
  '/slots': rawAnswer('recorded/slots-idle'),
  '/completion': rawAnswer('recorded/end-of-text'),
};

/** What servers answer to requests without content: 400 where they would do the work, 501 where they were not started for it. */
const OFFERED = jsonAnswer(400, { error: { code: 400, message: 'no', type: 'invalid_request_error' } });
const NOT_OFFERED = rawAnswer('recorded/no-embeddings');
const WORK_PATHS = ['/completion', '/v1/embeddings', '/v1/rerank'];

/** What a test says of its server besides its answers. */
export interface ReplayOptions extends Partial<LlamacppHttpOptions> {
  /** Paths of the work it was started for. @defaultValue completions */
  readonly offers?: readonly string[];
  /** Sent instead of what it offers. */
  readonly deniesOffers?: Buffer;
}

/** Starts a replay on a loopback port. */
export async function startReplay(
  answers: Readonly<Record<string, Answer>> = {},
  { offers = ['/completion'], deniesOffers, ...options }: ReplayOptions = {},
): Promise<Replay> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined /* aborts reset connections */);
    readRequests(socket, (request) => {
      seen.push(request);
      const isQuestion = WORK_PATHS.includes(request.path) && Object.keys(request.body).length === 0;
      const offer = deniesOffers ?? (offers.includes(request.path) ? OFFERED : NOT_OFFERED);
      const answer = isQuestion ? offer : ({ ...DEFAULT_ANSWERS, ...answers }[request.path] ?? jsonAnswer(404, {}));
      if (typeof answer === 'function') answer(socket);
      else socket.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const adapter = createLlamacppHttpAdapter({ baseUrl: `http://127.0.0.1:${port}`, slots: 1, ...options });
  return {
    adapter,
    seen,
    completions: () => seen.map(({ body }) => body).filter((body) => 'prompt' in body && 'n_predict' in body),
    async [Symbol.asyncDispose]() {
      await adapter.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function readRequests(socket: Socket, onRequest: (request: SeenRequest) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk) => {
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
    onRequest({ path: head.split(' ', 2)[1] ?? '', head, body });
  });
}
