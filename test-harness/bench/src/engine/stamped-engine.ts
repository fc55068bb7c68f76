// SPDX-License-Identifier: MIT
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { nowUs, shapeOf, stampToken } from './token-stamp.ts';

/** What the engine offers. */
export interface StampedEngineOptions {
  /** Slots it tells of; it runs whatever it is asked for. */
  readonly slots: number;
  /** Drops the connection after each streamed reply without saying so, as llama-server does. */
  readonly closesStreams?: boolean;
}

const STREAM_HEAD = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

/**
 * A fast stand-in for llama-server: its native API, with tokens that carry their index and the time they were sent at
 * the pace the prompt asks for. The server is not yet listening.
 */
export function createStampedEngine({ slots, closesStreams = false }: StampedEngineOptions): Server {
  const facts: Readonly<Record<string, unknown>> = {
    '/health': { status: 'ok' },
    '/props': {
      default_generation_settings: { n_ctx: 4096, params: {} },
      total_slots: slots,
      model_path: '/models/stamped.gguf',
      model_alias: 'stamped',
      build_info: 'b0-stamped',
      endpoint_slots: true,
    },
    '/v1/models': { object: 'list', data: [{ id: 'stamped', object: 'model' }] },
  };
  let busyCount = 0;
  const slotList = (): unknown =>
    Array.from({ length: slots }, (_, id) => ({ id, n_ctx: 4096, is_processing: id < busyCount }));
  return createServer((incoming, response) => {
    const path = (incoming.url ?? '').split('?')[0] ?? '';
    if (path === '/completion') {
      busyCount += 1;
      response.on('close', () => (busyCount -= 1));
      void complete(incoming, response, closesStreams);
    } else {
      const fact = path === '/slots' ? slotList() : facts[path];
      incoming.resume();
      response.writeHead(fact === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(fact ?? { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } }),
      );
    }
  });
}

async function complete(incoming: IncomingMessage, response: ServerResponse, closesStreams: boolean): Promise<void> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) text += String(part);
  const { prompt } = JSON.parse(text) as { prompt?: string };
  // A request without content only asks whether generations are offered.
  if (prompt === undefined) response.writeHead(400).end();
  else new Reply(shapeOf(prompt), response, closesStreams).start();
}

/** One reply on its way out. */
class Reply {
  readonly #tokens: number;
  readonly #delayUs: number;
  readonly #response: ServerResponse;
  readonly #closesStreams: boolean;
  #sentCount = 0;
  #dueUs = 0;
  #live = true;

  constructor(
    { tokens, delayUs }: { tokens: number; delayUs: number },
    response: ServerResponse,
    closesStreams: boolean,
  ) {
    this.#tokens = tokens;
    this.#delayUs = delayUs;
    this.#response = response;
    this.#closesStreams = closesStreams;
    response.on('close', () => (this.#live = false));
  }

  start(): void {
    this.#response.writeHead(200, STREAM_HEAD);
    this.#dueUs = nowUs();
    if (this.#delayUs > 0) this.#paced();
    else this.#unpaced();
  }

  /** Due times are absolute, so the pace does not drift; the second token comes at a random phase, as streams do. */
  readonly #paced = (): void => {
    if (!this.#live) return;
    while (this.#sentCount < this.#tokens && this.#dueUs <= nowUs()) {
      this.#dueUs += this.#sentCount === 0 ? this.#delayUs * Math.random() : this.#delayUs;
      this.#emit();
    }
    if (this.#sentCount >= this.#tokens) this.#end();
    else setTimeout(this.#paced, Math.max(0, Math.ceil((this.#dueUs - nowUs()) / 1000)));
  };

  /** One token per turn of the event loop while the socket takes them. */
  readonly #unpaced = (): void => {
    if (!this.#live) return;
    const hasRoom = this.#sentCount >= this.#tokens || this.#emit();
    if (this.#sentCount >= this.#tokens) this.#end();
    else if (hasRoom) setImmediate(this.#unpaced);
    else this.#response.once('drain', this.#unpaced);
  };

  #emit(): boolean {
    const content = stampToken(this.#sentCount);
    this.#sentCount += 1;
    return this.#response.write(
      `data: {"index":0,"content":"${content}","tokens":[1],"stop":false,"id_slot":-1,"tokens_predicted":${this.#sentCount},"tokens_evaluated":16}\n\n`,
    );
  }

  #end(): void {
    const last = {
      index: 0,
      content: '',
      tokens: [],
      id_slot: 0,
      stop: true,
      model: 'stamped',
      tokens_predicted: this.#sentCount,
      tokens_evaluated: 16,
      truncated: false,
      stop_type: 'limit',
      stopping_word: '',
      tokens_cached: this.#sentCount + 16,
      timings: { prompt_n: 16, predicted_n: this.#sentCount, predicted_ms: 1 },
    };
    const { socket } = this.#response;
    this.#response.end(`data: ${JSON.stringify(last)}\n\n`, () => this.#closesStreams && socket?.end());
  }
}
