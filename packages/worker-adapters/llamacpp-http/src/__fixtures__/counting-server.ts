// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds between two tokens; long enough that a run can be looked at while it goes on. */
const PACE_MS = 1;
/** Milliseconds until the server notices a closed connection, as the real one does with its next failed write. */
const NOTICE_MS = 30;
const BRIEF_TOKENS = 8;

interface CompletionBody {
  readonly prompt?: string;
  readonly n_predict: number;
  readonly id_slot: number;
  readonly seed: number;
}

/** A stand-in for llama-server whose model counts. Prompts steer it: `endless`, `breaking`, `refused`, or brief. */
export interface CountingServer extends AsyncDisposable {
  readonly baseUrl: string;
  busySlots(): number;
  startedCount(): number;
  stop(): Promise<void>;
}

/** Starts a counting server with this many slots on a loopback port. */
export async function startCountingServer(slots: number): Promise<CountingServer> {
  const busy = new Set<number>();
  let started = 0;
  const complete = (body: CompletionBody, response: ServerResponse): void => {
    // Without a prompt it is asked whether it completes at all.
    if (body.prompt === undefined || body.prompt.includes('refused')) {
      sendJson(response, { error: { code: 400, message: 'no', type: 'invalid_request_error' } }, 400);
      return;
    }
    started += 1;
    busy.add(body.id_slot);
    countAloud({ ...body, prompt: body.prompt }, response, () => busy.delete(body.id_slot));
  };
  const routes: Readonly<Record<string, (body: unknown, response: ServerResponse) => void>> = {
    '/health': (_, response) => sendJson(response, { status: 'ok' }),
    '/props': (_, response) => sendJson(response, propsOf(slots)),
    '/slots': (_, response) =>
      sendJson(
        response,
        Array.from({ length: slots }, (__, id) => ({ id, is_processing: busy.has(id) })),
      ),
    '/metrics': (_, response) => response.end(`llamacpp:requests_processing ${busy.size}\n`),
    '/v1/embeddings': (_, response) => sendJson(response, {}, 501),
    '/v1/rerank': (_, response) => sendJson(response, {}, 501),
    '/apply-template': (body, response) => sendJson(response, { prompt: JSON.stringify(body) }),
    '/completion': (body, response) => complete(body as CompletionBody, response),
  };
  const server = http.createServer((request, response) => void answer(routes, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    busySlots: () => busy.size,
    startedCount: () => started,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function answer(
  routes: Readonly<Record<string, (body: unknown, response: ServerResponse) => void>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  routes[request.url ?? '']?.(text === '' ? {} : JSON.parse(text), response);
}

function countAloud(
  body: CompletionBody & { readonly prompt: string },
  response: ServerResponse,
  free: () => void,
): void {
  const wanted = body.prompt.includes('endless') ? Infinity : BRIEF_TOKENS;
  response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' });
  let sent = 0;
  const timer = setInterval(() => {
    if (body.prompt.includes('breaking') && sent === 2) {
      response.destroy();
      return;
    }
    if (sent < wanted && sent < body.n_predict) {
      sent += 1;
      response.write(
        `data: {"index":0,"content":" ${body.seed + sent}","tokens":[1],"stop":false,"id_slot":-1,"tokens_predicted":${sent},"tokens_evaluated":2}\n\n`,
      );
      return;
    }
    const last = { content: '', stop: true, stop_type: sent < wanted ? 'limit' : 'eos', timings: {} };
    free();
    response.end(`data: ${JSON.stringify({ ...last, tokens_predicted: sent, tokens_evaluated: 2 })}\n\n`);
  }, PACE_MS);
  response.on('close', () => {
    clearInterval(timer);
    if (response.writableFinished) free();
    else setTimeout(free, NOTICE_MS);
  });
}

function propsOf(slots: number): object {
  return {
    default_generation_settings: { n_ctx: 512, params: {} },
    total_slots: slots,
    model_alias: 'counting',
    model_path: '/nowhere/counting.gguf',
    chat_template: '{{ messages }}',
    build_info: 'b1-counting',
  };
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}
