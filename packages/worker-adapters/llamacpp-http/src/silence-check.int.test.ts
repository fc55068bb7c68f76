// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifies, watchLeaks } from '@llama-orch/test-kit';
import { OrchError, type WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { expect } from 'vitest';
import { answerBody } from './__fixtures__/recorded-answer.ts';
import { requestOf } from './__fixtures__/request-of.ts';
import { createLlamacppHttpAdapter } from './llamacpp-http-adapter.ts';

const SILENCE_MS = 100;
/** Half of it is what a busy machine has to say in that it is well. */
const WELL_SILENCE_MS = 1_000;
const REQUEST = requestOf('a', { determinism: 'best_effort' });
const never = new AbortController().signal;

interface Server extends AsyncDisposable {
  readonly adapter: WorkerAdapter;
  /** Answers the generations that wait. */
  answerAll(): void;
  /** Resolves when its health was asked for. */
  readonly asked: Promise<unknown>;
}

/** A server that takes jobs and answers none; `isWell` tells whether it answers for its health. */
async function startServer(isWell: boolean): Promise<Server> {
  const waiting: ServerResponse[] = [];
  const asked = Promise.withResolvers<undefined>();
  let isTaken = false;
  const server = http.createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    if (request.url === '/props') return void response.end(answerBody('recorded/props'));
    if (request.url === '/slots')
      return void response.end('[{"id":0,"is_processing":false},{"id":1,"is_processing":false}]');
    if (request.url === '/health' && isTaken) asked.resolve(undefined);
    if (request.url === '/health' && (isWell || !isTaken)) return void response.end('{"status":"ok"}');
    // Without content it is asked what it does.
    const isQuestion = request.headers['content-length'] === '2';
    if (isQuestion) return void response.writeHead(request.url === '/completion' ? 400 : 501).end();
    if (request.url === '/completion') isTaken = true;
    waiting.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const adapter = createLlamacppHttpAdapter({ baseUrl, silenceTimeoutMs: isWell ? WELL_SILENCE_MS : SILENCE_MS });
  await adapter.probe(never);
  return {
    adapter,
    asked: asked.promise,
    answerAll() {
      for (const response of waiting) {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.end(answerBody('recorded/limit'));
      }
    },
    async [Symbol.asyncDispose]() {
      await adapter.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

verifies('ORCH-1292', 'an engine that takes a job and is silent on everything is a reset', async () => {
  await using _leaks = watchLeaks();
  await using server = await startServer(false);
  const fault = await server.adapter
    .run(REQUEST, { onTokens: () => undefined }, never)
    .catch((error: unknown) => error);
  if (!OrchError.is(fault)) throw fault;
  expect([fault.code, fault.details]).toEqual(['WORKER_RESET', { reason: 'engine_silent', limit_ms: SILENCE_MS }]);
});

verifies('ORCH-1292', 'an engine that computes a long prompt and says that it is well keeps its job', async () => {
  await using _leaks = watchLeaks();
  await using server = await startServer(true);
  const run = server.adapter.run(REQUEST, { onTokens: () => undefined }, never);
  await server.asked;
  server.answerAll();
  expect((await run).finishReason).toBe('length');
});

verifies('ORCH-1292', 'an abort while the engine is silent is an abort', async () => {
  await using server = await startServer(true);
  const controller = new AbortController();
  const run = server.adapter.run(REQUEST, { onTokens: () => undefined }, controller.signal);
  await server.asked;
  controller.abort();
  server.answerAll();
  expect((await run).finishReason).toBe('canceled');
});
