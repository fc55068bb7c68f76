// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { expect, vi } from 'vitest';
import type { ChunkSink } from './http-exchange.ts';
import type { SilenceCheck } from './http-request.ts';
import { createHttpTransport, type HttpTransport, type HttpTransportOptions } from './http-transport.ts';

const never = new AbortController().signal;
const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const whole = (status: number, body: string, head = ''): string =>
  `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${head}\r\n${body}`;

/** Takes packets as texts; one that is no comment counts as an event. */
class TextSink implements ChunkSink {
  readonly #take: (text: string) => void;
  eventCount = 0;

  constructor(take: (text: string) => void = () => undefined) {
    this.#take = take;
  }

  push(packet: Buffer, start: number, end: number): void {
    const text = packet.toString('utf8', start, end);
    if (!text.startsWith(':')) this.eventCount += 1;
    this.#take(text);
  }
}

interface Engine extends AsyncDisposable {
  readonly transport: HttpTransport;
  /** Heads of the requests, in order. */
  readonly requests: string[];
  readonly connections: Socket[];
}

/** An engine that answers the n-th request with raw bytes, on whatever connection it came. */
async function startEngine(
  answer: (socket: Socket, requestNumber: number) => void,
  options: Partial<HttpTransportOptions> = {},
): Promise<Engine> {
  const requests: string[] = [];
  const connections: Socket[] = [];
  const server = net.createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined /* resets are what these tests are about */);
    socket.on('data', (bytes) => {
      requests.push(bytes.toString());
      answer(socket, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = createHttpTransport({ baseUrl: `http://127.0.0.1:${port}/v0/`, ...options });
  return {
    transport,
    requests,
    connections,
    async [Symbol.asyncDispose]() {
      transport.close();
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function faultOf(promise: Promise<unknown>): Promise<OrchError> {
  const error: unknown = await promise.then(
    () => new Error('resolved'),
    (reason: unknown) => reason,
  );
  if (!OrchError.is(error)) throw error;
  return error;
}

verifies(['ORCH-4060'], 'a request carries its body, the base path and asks for no content coding', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine((socket) => socket.write(whole(201, '{"ok":true}')), {
    headers: { authorization: 'Bearer k' },
  });
  const answer = await engine.transport.call({ method: 'POST', path: '/x', body: '{"ü":1}' }, never);
  expect(answer).toEqual({ status: 201, contentType: 'application/json', body: '{"ok":true}' });
  expect(engine.requests[0]).toMatch(/^POST \/v0\/x HTTP\/1\.1\r\n/);
  expect(engine.requests[0]).toMatch(/content-length: 8\r\n/i);
  expect(engine.requests[0]).toMatch(/accept-encoding: identity\r\n/i);
  expect(engine.requests[0]).toMatch(/authorization: Bearer k\r\n/i);
});

verifies('ORCH-4055', 'a kept connection is used again', async () => {
  await using engine = await startEngine((socket) => socket.write(whole(200, '{}')));
  for (let i = 0; i < 3; i += 1) await engine.transport.call({ method: 'GET', path: '/' }, never);
  expect(engine.connections).toHaveLength(1);
});

verifies('ORCH-4061', 'long answers on many connections at once stay apart', async () => {
  const answers = Array.from({ length: 8 }, (_, n) => `${n}`.repeat(300_000 + n));
  await using engine = await startEngine((socket, n) => socket.write(whole(200, answers[n - 1] ?? '')));
  const request = { method: 'GET', path: '/' } as const;
  const read = await Promise.all(answers.map(() => engine.transport.call(request, never)));
  expect(read.map(({ body }) => body).toSorted()).toEqual(answers);
});

verifies('ORCH-4061', 'a stream that ends with its connection is whole', async () => {
  await using engine = await startEngine((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n'),
  );
  const pieces: string[] = [];
  const sink = new TextSink((text) => pieces.push(text));
  await engine.transport.stream({ method: 'POST', path: '/' }, sink, never);
  expect(pieces).toEqual(['data: a\n\n']);
});

verifies('ORCH-4061', 'a connection that brings more than was asked for is not used again', async () => {
  await using engine = await startEngine((socket) => socket.write(`${whole(200, '{}')}more`));
  for (let i = 0; i < 2; i += 1) await engine.transport.call({ method: 'GET', path: '/' }, never);
  expect(engine.connections).toHaveLength(2);
});

verifies('ORCH-4060', 'a header that would break the head is refused at once', () => {
  const headers = { authorization: 'Bearer k\r\nx: y' };
  expect(() => createHttpTransport({ baseUrl: 'http://127.0.0.1:1', headers })).toThrow(TypeError);
});

verifies('ORCH-4055', 'a stale connection is replaced once by a fresh one', async () => {
  await using engine = await startEngine((socket, n) =>
    n === 2 ? socket.destroy() : socket.write(whole(200, `${n}`)),
  );
  await engine.transport.call({ method: 'GET', path: '/' }, never);
  const answer = await engine.transport.call({ method: 'GET', path: '/' }, never);
  expect(answer.body).toBe('3');
  expect(engine.connections).toHaveLength(2);
});

verifies(['ORCH-4055', 'ORCH-4059'], 'a fresh connection that dies is a fault, not another try', async () => {
  await using engine = await startEngine((socket) => socket.destroy());
  const fault = await faultOf(engine.transport.call({ method: 'GET', path: '/' }, never));
  expect(fault.code).toBe('WORKER_RESET');
  expect(fault.details).toEqual({ reason: 'connection_lost', errno: 'ECONNRESET' });
  expect(engine.requests).toHaveLength(1);
});

verifies('ORCH-4055', 'an answer that has begun is never asked for again', async () => {
  await using engine = await startEngine((socket, n) =>
    n === 1 ? socket.write(whole(200, '{}')) : socket.end(STREAM_HEAD + chunked('data: a\n\n')),
  );
  await engine.transport.call({ method: 'GET', path: '/' }, never);
  const pieces: string[] = [];
  const sink = new TextSink((text) => pieces.push(text));
  const fault = await faultOf(engine.transport.stream({ method: 'POST', path: '/', body: '{}' }, sink, never));
  expect(fault.code).toBe('WORKER_RESET');
  expect(pieces).toEqual(['data: a\n\n']);
  expect(engine.requests).toHaveLength(2);
});

verifies('ORCH-4059', 'a refused connection is a reset that names the error', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const transport = createHttpTransport({ baseUrl: `http://127.0.0.1:${port}` });
  const fault = await faultOf(transport.call({ method: 'GET', path: '/' }, never));
  expect(fault.details).toEqual({ reason: 'connection_lost', errno: 'ECONNREFUSED' });
});

verifies('ORCH-4059', 'closing a transport ends what runs and refuses what comes later', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine((socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n')));
  const begun = Promise.withResolvers<undefined>();
  const sink = new TextSink(() => begun.resolve(undefined));
  const running = faultOf(engine.transport.stream({ method: 'POST', path: '/' }, sink, never));
  await begun.promise;
  engine.transport.close();
  const late = faultOf(engine.transport.call({ method: 'GET', path: '/' }, never));
  expect([(await running).code, (await late).code]).toEqual(['WORKER_RESET', 'WORKER_RESET']);
  expect(engine.connections).toHaveLength(1);
});

verifies('ORCH-4056', 'an abort closes the connection before it rejects with the reason', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine((socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n')));
  const controller = new AbortController();
  const sink = new TextSink(() => {
    controller.abort(new Error('enough'));
    return true;
  });
  await expect(engine.transport.stream({ method: 'POST', path: '/' }, sink, controller.signal)).rejects.toThrow(
    'enough',
  );
  const [socket] = engine.connections;
  if (socket?.closed === false) await once(socket, 'close');
  expect(engine.connections).toHaveLength(1);
});

verifies('ORCH-4056', 'a signal aborted before opens no connection', async () => {
  await using engine = await startEngine((socket) => socket.write(whole(200, '{}')));
  const aborted = AbortSignal.abort(new Error('before'));
  await expect(engine.transport.call({ method: 'GET', path: '/' }, aborted)).rejects.toThrow('before');
  expect(engine.connections).toHaveLength(0);
});

verifies('ORCH-4054', 'an answer over its bound is a fault', async () => {
  await using engine = await startEngine((socket) => socket.write(whole(200, 'x'.repeat(2_000))), {
    maxAnswerBytes: 1_000,
  });
  const fault = await faultOf(engine.transport.call({ method: 'GET', path: '/' }, never));
  expect(fault.details).toMatchObject({ breach: 'answer_too_long', limit: 1_000 });
});

verifies('ORCH-4060', 'a compressed answer is a fault', async () => {
  await using engine = await startEngine((socket) => socket.write(whole(200, '??', 'Content-Encoding: gzip\r\n')));
  const fault = await faultOf(engine.transport.call({ method: 'GET', path: '/' }, never));
  expect(fault.details).toMatchObject({ reason: 'engine_protocol', breach: 'content_coding' });
});

for (const [limit, code, answer] of [
  ['headers', 'DECODE_TIMEOUT', () => undefined],
  ['idle', 'DECODE_TIMEOUT', (socket: Socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n'))],
  ['wall', 'DECODE_TIMEOUT', () => undefined],
] as const) {
  verifies('ORCH-4058', `a silent engine meets the ${limit} limit`, async () => {
    await using _leaks = watchLeaks();
    await using engine = await startEngine(answer, { [`${limit}TimeoutMs`]: 20 });
    const fault = await faultOf(engine.transport.stream({ method: 'POST', path: '/' }, new TextSink(), never));
    expect(fault.code).toBe(code);
    expect(fault.details).toEqual({ reason: `${limit}_timeout`, limit_ms: 20 });
  });
}

/** A listening process that is stopped, and whose queue of connections is full: the next one never stands. */
async function startDeafServer(): Promise<{ port: number } & AsyncDisposable> {
  const listen =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(String(this.address().port))})";
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await once(fillers[0] ?? child, 'connect');
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

verifies('ORCH-4058', 'a connection that never stands meets the connect limit', async () => {
  await using _leaks = watchLeaks();
  await using server = await startDeafServer();
  const transport = createHttpTransport({ baseUrl: `http://127.0.0.1:${server.port}`, connectTimeoutMs: 50 });
  const fault = await faultOf(transport.call({ method: 'GET', path: '/' }, never));
  transport.close();
  expect(fault.code).toBe('WORKER_RESET');
  expect(fault.details).toEqual({ reason: 'connect_timeout', limit_ms: 50 });
});

verifies('ORCH-4058', 'a stream of comments alone meets the idle limit, one with progress does not', async () => {
  const tick = (text: string) => (socket: Socket) => {
    socket.write(STREAM_HEAD);
    const timer = setInterval(() => socket.write(chunked(text)), 5);
    socket.on('close', () => clearInterval(timer));
  };
  await using _leaks = watchLeaks();
  await using comments = await startEngine(tick(':\n\n'), { idleTimeoutMs: 40 });
  const silent = comments.transport.stream({ method: 'POST', path: '/' }, new TextSink(), never);
  await using tokens = await startEngine(tick('data: a\n\n'), { idleTimeoutMs: 2_000 });
  const stopped = new AbortController();
  const lively = tokens.transport.stream({ method: 'POST', path: '/' }, new TextSink(), stopped.signal);
  const fault = await faultOf(silent);
  expect(fault.details).toEqual({ reason: 'idle_timeout', limit_ms: 40 });
  stopped.abort(new Error('still alive'));
  await expect(lively).rejects.toThrow('still alive');
});

verifies('ORCH-4058', 'what came while this process stood still is read before its limit counts', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine((socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n')), {
    idleTimeoutMs: 20,
  });
  const pieces: string[] = [];
  const standStill = (): void => {
    engine.connections[0]?.write(`${chunked('data: b\n\n')}0\r\n\r\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  };
  const sink = new TextSink((text) => {
    if (pieces.push(text) === 1) setImmediate(standStill);
  });
  await engine.transport.stream({ method: 'POST', path: '/' }, sink, never);
  expect(pieces).toEqual(['data: a\n\n', 'data: b\n\n']);
});

verifies('ORCH-4056', 'what a chunk sink throws ends the exchange and the connection', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine((socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n')));
  const sink = new TextSink(() => {
    throw new Error('sink broke');
  });
  await expect(engine.transport.stream({ method: 'POST', path: '/' }, sink, never)).rejects.toThrow('sink broke');
});

verifies('ORCH-4059', 'a stream whose last chunk never comes is a reset', async () => {
  await using engine = await startEngine((socket) => socket.end(`${STREAM_HEAD}${chunked('data: a\n\n')}5\r\nda`));
  const fault = await faultOf(engine.transport.stream({ method: 'POST', path: '/' }, new TextSink(), never));
  expect(fault.code).toBe('WORKER_RESET');
  expect(fault.details).toMatchObject({ reason: 'connection_lost' });
});

verifies('ORCH-4059', 'an answer that is no HTTP is a reset', async () => {
  await using engine = await startEngine((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  expect((await faultOf(engine.transport.call({ method: 'GET', path: '/' }, never))).code).toBe('WORKER_RESET');
});

verifies('ORCH-1292', 'a silent request is asked about once, and what the question rejects with ends it', async () => {
  await using _leaks = watchLeaks();
  await using engine = await startEngine(() => undefined);
  let questionCount = 0;
  const silence: SilenceCheck = {
    afterMs: 1,
    ask: () => Promise.reject(new Error(`silent ${(questionCount += 1)}`)),
  };
  const request = { method: 'POST', path: '/', silence } as const;
  await expect(engine.transport.call(request, never)).rejects.toThrow('silent 1');
  await expect(engine.transport.stream(request, new TextSink(), never)).rejects.toThrow('silent 2');
});

verifies('ORCH-1292', 'an engine that has begun to answer is not asked', async () => {
  await using engine = await startEngine((socket) => socket.write(STREAM_HEAD + chunked('data: a\n\n')));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  using _timers = { [Symbol.dispose]: () => void vi.useRealTimers() };
  let questionCount = 0;
  const silence: SilenceCheck = { afterMs: 10, ask: () => Promise.resolve((questionCount += 1)) };
  const begun = Promise.withResolvers<undefined>();
  const sink = new TextSink(() => begun.resolve(undefined));
  const running = faultOf(engine.transport.stream({ method: 'POST', path: '/', silence }, sink, never));
  await begun.promise;
  await vi.advanceTimersByTimeAsync(20);
  engine.transport.close();
  await running;
  expect(questionCount).toBe(0);
});

verifies('ORCH-1292', 'an engine that answers while it is asked about keeps its request', async () => {
  const taken = Promise.withResolvers<Socket>();
  await using engine = await startEngine((socket) => taken.resolve(socket));
  const asked = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<undefined>();
  const silence: SilenceCheck = { afterMs: 1, ask: () => (asked.resolve(undefined), answer.promise) };
  const pieces: string[] = [];
  const begun = Promise.withResolvers<undefined>();
  const sink = new TextSink((text) => {
    pieces.push(text);
    begun.resolve(undefined);
  });
  const running = engine.transport.stream({ method: 'POST', path: '/', silence }, sink, never);
  const [socket] = await Promise.all([taken.promise, asked.promise]);
  socket.write(STREAM_HEAD + chunked('data: a\n\n'));
  await begun.promise;
  answer.reject(new Error('too late'));
  socket.write(`${chunked('data: b\n\n')}0\r\n\r\n`);
  await running;
  expect(pieces.join('')).toBe('data: a\n\ndata: b\n\n');
});

verifies('ORCH-1292', 'the question ends with its request', async () => {
  await using engine = await startEngine(() => undefined);
  const asked = Promise.withResolvers<AbortSignal>();
  const silence: SilenceCheck = {
    afterMs: 1,
    ask: (signal) => (asked.resolve(signal), new Promise(() => undefined)),
  };
  const controller = new AbortController();
  const running = engine.transport.call({ method: 'GET', path: '/', silence }, controller.signal);
  const question = await asked.promise;
  expect(question.aborted).toBe(false);
  controller.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  expect(question.aborted).toBe(true);
});
