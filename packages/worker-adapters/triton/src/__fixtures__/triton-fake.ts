// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf } from '@llama-orch/adapter-kit/testkit';
import { writtenAnswer } from './written-answer.ts';

/** Milliseconds between two tokens; long enough that a run can be looked at while it goes on. */
const PACE_MS = 1;
/** Milliseconds until the server notices a closed connection; TensorRT-LLM looks every 100. */
const NOTICE_MS = 30;
const BRIEF_TOKENS = 8;

/** Which model is served; `coupled` is an ensemble that answers once. */
export type FakeModel = 'ensemble' | 'coupled' | 'llmapi' | 'vllm';

const NAMES: Readonly<Record<FakeModel, string>> = {
  ensemble: 'ensemble',
  coupled: 'ensemble',
  llmapi: 'tensorrt_llm',
  vllm: 'vllm_model',
};

/** A stand-in for Triton whose model counts. Prompts steer it: `endless`, `breaking`, `failing`, `refused`, or brief. */
export interface TritonFake extends AsyncDisposable {
  readonly baseUrl: string;
  readonly metricsUrl: string;
  readonly model: string;
  busyCount(): number;
  startedCount(): number;
  stop(): Promise<void>;
}

/** Starts a server with one model on two loopback ports. */
export async function startTritonFake(kind: FakeModel): Promise<TritonFake> {
  const server = new Server(kind);
  const main = await listen((request, response) => void server.answer(request, response));
  const metrics = await listen((_, response) => response.end(server.metrics()));
  const stop = async (): Promise<void> => {
    await main.stop();
    await metrics.stop();
  };
  return {
    baseUrl: main.url,
    metricsUrl: metrics.url,
    model: NAMES[kind],
    busyCount: () => server.running.size,
    startedCount: () => server.startedCount,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What a generation is asked for, in no dialect. */
interface Wish {
  readonly prompt: string;
  readonly seed: number;
  readonly maxTokens: number;
}

type Body = Readonly<Record<string, unknown>>;

class Server {
  readonly running = new Set<ServerResponse>();
  startedCount = 0;
  readonly #kind: FakeModel;

  constructor(kind: FakeModel) {
    this.#kind = kind;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Body);
    const path = (request.url ?? '').replace(`/v2/models/${NAMES[this.#kind]}`, '/v2/models/M');
    const dialect = this.#kind === 'coupled' ? 'ensemble' : this.#kind;
    switch (`${request.method ?? ''} ${path}`) {
      case 'GET /v2':
        return sendJson(response, 200, written('server'));
      case 'GET /v2/models/M/ready':
        return void response.end();
      case 'GET /v2/models/M':
        return sendJson(response, 200, written(`${dialect}-metadata`));
      case 'GET /v2/models/M/config':
        return sendJson(response, 200, written(`${this.#kind}-config`));
      case 'POST /v2/models/M/generate_stream':
        return this.#generate(wishOf(this.#kind, body), response);
      case 'POST /v2/models/M/infer':
        return this.#infer(wishOf(this.#kind, fieldsOfTensors(body)), response);
      default:
        return sendJson(response, 404, '{"error":"Not Found"}');
    }
  }

  /** Only TensorRT-LLM's C++ backend tells how many requests it works on. */
  metrics(): string {
    const { size } = this.running;
    const isTold = this.#kind === 'ensemble' || this.#kind === 'coupled';
    return isTold ? `nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="active",version="1"} ${size}\n` : '';
  }

  #generate(wish: Wish, response: ServerResponse): void {
    if (wish.prompt.includes('refused')) {
      // The status is that of the first response, and the body is an event all the same.
      response.writeHead(400, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.end(`data: {"error":"Prompt length (9) exceeds maximum input length (4)."}\n\n`);
      return;
    }
    this.#begin(response);
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    this.#countAloud(wish, response);
  }

  #infer(wish: Wish, response: ServerResponse): void {
    if (wish.prompt.includes('refused')) return sendJson(response, 400, '{"error":"Prompt length (9) exceeds 4."}');
    this.#begin(response);
    const count = Math.min(wish.maxTokens, BRIEF_TOKENS);
    const text = Array.from({ length: count }, (_, index) => ` ${wish.seed + index}`).join('');
    const output = { name: 'text_output', datatype: 'BYTES', shape: [1, 1], data: [text] };
    this.running.delete(response);
    sendJson(response, 200, JSON.stringify({ model_name: 'ensemble', model_version: '1', outputs: [output] }));
  }

  #begin(response: ServerResponse): void {
    this.startedCount += 1;
    this.running.add(response);
  }

  #countAloud({ prompt, seed, maxTokens }: Wish, response: ServerResponse): void {
    const wanted = Math.min(maxTokens, prompt.includes('endless') ? Infinity : BRIEF_TOKENS);
    let sent = 0;
    let text = '';
    const timer = setInterval(() => {
      if (prompt.includes('breaking') && sent === 2) return void response.destroy();
      if (prompt.includes('failing') && sent === 2) {
        this.running.delete(response);
        return void response.end('data: {"error":"[request id: r1] Executor failed"}\n\n');
      }
      const piece = ` ${seed + sent}`;
      sent += 1;
      text += piece;
      const reason = sent < wanted ? undefined : sent === maxTokens ? 'length' : 'stop';
      response.write(`data: ${JSON.stringify(this.#event(piece, text, reason))}\n\n`);
      if (reason === undefined) return;
      this.running.delete(response);
      response.end();
    }, PACE_MS);
    response.on('close', () => {
      clearInterval(timer);
      setTimeout(() => this.running.delete(response), NOTICE_MS);
    });
  }

  #event(piece: string, text: string, reason: string | undefined): object {
    const model = { model_name: NAMES[this.#kind], model_version: '1' };
    switch (this.#kind) {
      case 'llmapi':
        return { ...(reason === undefined ? {} : { finish_reason: reason }), ...model, text_output: text };
      case 'vllm': {
        const counts = { num_input_tokens: 3, num_output_tokens: 1 };
        return { finish_reason: reason ?? 'None', ...model, ...counts, text_output: piece };
      }
      default:
        return { ...model, sequence_end: false, sequence_id: 0, sequence_start: false, text_output: piece };
    }
  }
}

function wishOf(kind: FakeModel, body: Body): Wish {
  const prompt = String(body['text_input']);
  if (kind === 'vllm') {
    const parameters = JSON.parse(String(body['sampling_parameters'])) as Body;
    return { prompt, seed: Number(parameters['seed']), maxTokens: Number(parameters['max_tokens']) };
  }
  const [seed, maxTokens] =
    kind === 'llmapi' ? ['sampling_param_seed', 'sampling_param_max_tokens'] : ['random_seed', 'max_tokens'];
  return { prompt, seed: Number(body[seed]), maxTokens: Number(body[maxTokens]) };
}

function fieldsOfTensors({ inputs }: Body): Body {
  const tensors = inputs as readonly { readonly name: string; readonly data: readonly unknown[] }[];
  return Object.fromEntries(tensors.map(({ name, data }) => [name, data[0]]));
}

function written(name: string): string {
  return bodyOf(writtenAnswer(name)).toString();
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body);
}

async function listen(listener: RequestListener): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = http.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
