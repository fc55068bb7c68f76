// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds between two tokens; long enough that a run can be looked at while it goes on. */
const PACE_MS = 1;
/** Milliseconds until the router notices a closed connection, as the real one does with its next token. */
const NOTICE_MS = 30;
const BRIEF_TOKENS = 8;
const BOS = '<s>';

interface Parameters {
  readonly max_new_tokens: number;
  readonly seed: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly stop: readonly string[];
}

interface GenerateBody {
  readonly inputs: string;
  readonly parameters: Parameters;
}

/**
 * A stand-in for the router whose model counts. Prompts steer it: `endless`, `breaking` (the connection ends),
 * `failing` (a fault as an event), or brief.
 */
export interface TgiFake extends AsyncDisposable {
  readonly baseUrl: string;
  busyCount(): number;
  startedCount(): number;
  stop(): Promise<void>;
}

/** Starts a router that takes this many requests on a loopback port. */
export async function startTgiFake(maxConcurrentRequests: number): Promise<TgiFake> {
  const router = new Router(maxConcurrentRequests);
  const server = http.createServer((request, response) => void router.answer(request, response));
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
    busyCount: () => router.batch.size,
    startedCount: () => router.startedCount,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

class Router {
  readonly batch = new Set<ServerResponse>();
  readonly #limit: number;
  startedCount = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as object);
    switch (`${request.method ?? ''} ${request.url ?? ''}`) {
      case 'GET /health':
        return void response.end();
      case 'GET /info':
        return sendJson(response, infoOf(this.#limit));
      case 'GET /metrics':
        return void response.end(this.#metrics());
      case 'POST /tokenize':
        return sendJson(response, tokensOf(`${BOS}${(body as GenerateBody).inputs}`));
      case 'POST /chat_tokenize':
        return sendJson(response, renderedOf(body as ChatBody));
      case 'POST /generate_stream':
        return this.#generate(body as GenerateBody, response);
      default:
        response.writeHead(404).end();
    }
  }

  /** The status is always 200; what is wrong comes as an event. */
  #generate(body: GenerateBody, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    const refused = whatIsWrong(body);
    if (refused !== undefined) return sendError(response, refused, 'validation');
    if (this.batch.size >= this.#limit) return sendError(response, 'Model is overloaded', 'overloaded');
    this.startedCount += 1;
    this.batch.add(response);
    countAloud(body, response, () => this.batch.delete(response));
  }

  #metrics(): string {
    // A series appears only after its first event.
    if (this.startedCount === 0) return '# no series yet\n';
    return `# TYPE tgi_batch_current_size gauge\ntgi_batch_current_size ${this.batch.size}\n`;
  }
}

function whatIsWrong({ inputs, parameters }: GenerateBody): string | undefined {
  if (inputs === '') return '`inputs` cannot be empty';
  if (parameters.temperature !== undefined && parameters.temperature <= 0)
    return '`temperature` must be strictly positive';
  if (parameters.top_p !== undefined && parameters.top_p >= 1) return '`top_p` must be > 0.0 and < 1.0';
  if (inputs.includes('refused')) return '`inputs` must have less than 4 tokens. Given: 9';
  return undefined;
}

function countAloud({ inputs, parameters }: GenerateBody, response: ServerResponse, free: () => void): void {
  const { seed, stop } = parameters;
  const inputLength = tokensOf(`${BOS}${inputs}`).length;
  const wanted = inputs.includes('endless') ? Infinity : BRIEF_TOKENS;
  let text = '';
  let index = 0;
  const send = (piece: string, finishReason?: string): void => {
    index += 1;
    const special = finishReason === 'eos_token';
    if (!special) text += piece;
    const isLast = finishReason !== undefined;
    const details = { finish_reason: finishReason, generated_tokens: index, seed, input_length: inputLength };
    const token = { id: 100 + index, text: piece, logprob: -0.5, special };
    const event = { index, token, generated_text: isLast ? text : null, details: isLast ? details : null };
    if (isLast) free();
    response.write(`data: ${JSON.stringify(event)}\n\n`);
    if (isLast) response.end();
  };
  const timer = setInterval(() => {
    if (inputs.includes('breaking') && index === 2) return void response.destroy();
    if (inputs.includes('failing') && index === 2) {
      free();
      return sendError(response, 'Request failed during generation: Server error: CUDA out of memory.', 'generation');
    }
    if (index === wanted) return send('</s>', 'eos_token');
    const piece = ` ${seed + index}`;
    const isStopped = stop.some((word) => `${text}${piece}`.includes(word));
    send(piece, isStopped ? 'stop_sequence' : index + 1 === parameters.max_new_tokens ? 'length' : undefined);
  }, PACE_MS);
  response.on('close', () => {
    clearInterval(timer);
    if (response.writableFinished) free();
    else setTimeout(free, NOTICE_MS);
  });
}

interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** Words and the beginning of text, each a token. */
function tokensOf(text: string): readonly object[] {
  return Array.from(text.matchAll(/<s>|\S+?(?=<s>|\s|$)|\s+/g), ([word], at) => ({
    id: word === BOS ? 1 : 100 + word.length,
    text: word,
    start: at,
    stop: at + word.length,
  }));
}

function renderedOf({ messages }: ChatBody): object {
  const turns = messages.map(({ role, content }) => `[${role}] ${content}`).join(' ');
  const text = `${BOS}${turns} [assistant]`;
  return { tokenize_response: tokensOf(text), templated_text: text };
}

function infoOf(maxConcurrentRequests: number): object {
  return {
    model_id: 'org/counting',
    model_sha: '0123456789abcdef0123456789abcdef01234567',
    model_pipeline_tag: 'text-generation',
    max_concurrent_requests: maxConcurrentRequests,
    max_best_of: 2,
    max_stop_sequences: 4,
    max_input_tokens: 1_024,
    max_total_tokens: 2_048,
    validation_workers: 2,
    max_client_batch_size: 4,
    router: 'text-generation-router',
    version: '3.3.6-dev0',
    sha: 'db931fcf1d5a9e5a3e4ce53f26b9db1bcd1ca7a6',
    docker_label: 'sha-db931fc',
  };
}

function sendError(response: ServerResponse, error: string, type: string): void {
  response.end(`data: ${JSON.stringify({ error, error_type: type })}\n\n`);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
