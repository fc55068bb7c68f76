// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EngineGeneration, type GenerationRequest } from './engine-generation.ts';

/** What the engine says of itself. */
export interface ScriptedEngineOptions {
  /** Concurrent generations; default 1. */
  readonly slots?: number;
  /** Default `scripted`. */
  readonly modelId?: string;
  /** Default `b10587-3f545bec`. */
  readonly build?: string;
  /** Context of one slot in tokens; default 4,096. */
  readonly ctxTokens?: number;
  /** Default any free one. */
  readonly port?: number;
}

/** A prompt with this text is written by the test, token by token; any other is answered at once. */
export const HOLD = '[[hold]]';
const TOKENS = /\[\[tokens=(\d+)\]\]/;
const DEFAULT_TOKENS = 4;

/**
 * An engine with llama-server's native HTTP API and no model: it starts a generation when it is asked to and then does
 * what the test says. Nothing in it waits for time.
 */
export class ScriptedEngine {
  readonly generations: EngineGeneration[] = [];
  /** While true every path answers 503, as a server that loads its model does. */
  loading = false;
  /** While true an aborted generation keeps its slot until it is freed by hand. */
  keepsSlotAfterAbort = false;
  /** Generations asked for while it was loading. */
  refusedCount = 0;
  readonly #server: Server;
  readonly #options: Required<Omit<ScriptedEngineOptions, 'port'>>;
  readonly #waiting: (() => void)[] = [];
  readonly #arrivals = new Set<() => void>();

  private constructor(server: Server, options: ScriptedEngineOptions) {
    this.#server = server;
    this.#options = { slots: 1, modelId: 'scripted', build: 'b10587-3f545bec', ctxTokens: 4096, ...options };
    server.on('request', (incoming, response) => void this.#answer(incoming, response));
  }

  /** Listens on a loopback port. */
  static async start(options: ScriptedEngineOptions = {}): Promise<ScriptedEngine> {
    const server = createServer();
    const engine = new ScriptedEngine(server, options);
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get slotsBusy(): number {
    return this.generations.filter(({ busy }) => busy).length;
  }

  /** The generations whose prompt holds `marker`, oldest first. */
  generationsOf(marker: string): readonly EngineGeneration[] {
    return this.generations.filter(({ request }) => request.prompt.includes(marker));
  }

  /** Resolves with the latest generation whose prompt holds `marker`, when at least `count` have arrived. */
  async generation(marker: string, count = 1): Promise<EngineGeneration> {
    for (;;) {
      const found = this.generationsOf(marker);
      const latest = found.at(-1);
      if (latest !== undefined && found.length >= count) return latest;
      await new Promise<void>((resolve) => {
        const arrived = (): void => {
          this.#arrivals.delete(arrived);
          resolve();
        };
        this.#arrivals.add(arrived);
      });
    }
  }

  /** Ends every generation, gives every slot back, and lets aborted work free its own from now on. */
  finishEverything(): void {
    this.keepsSlotAfterAbort = false;
    for (const generation of this.generations) {
      generation.finish();
      generation.free();
    }
  }

  /** Drops every connection and stops listening. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const path = (incoming.url ?? '').split('?')[0];
    if (this.loading) {
      if (path === '/completion') this.refusedCount += 1;
      send(response, 503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } });
    } else if (path === '/completion') {
      const request = JSON.parse(body) as GenerationRequest | { readonly prompt?: undefined };
      // A request without content only asks whether generations are offered.
      if (request.prompt === undefined) send(response, 400, { error: { message: 'No prompt', code: 400 } });
      else this.#complete(request, response);
    } else {
      this.#describe(path, body, response);
    }
  }

  #describe(path: string | undefined, body: string, response: ServerResponse): void {
    const { slots, modelId, build, ctxTokens } = this.#options;
    const answers: Record<string, () => unknown> = {
      '/health': () => ({ status: 'ok' }),
      '/props': () => ({
        default_generation_settings: { n_ctx: ctxTokens, params: {} },
        total_slots: slots,
        model_path: `/models/${modelId}.gguf`,
        model_alias: modelId,
        build_info: build,
        chat_template: '{{ messages }}',
        endpoint_slots: true,
      }),
      '/slots': () => this.#slots(),
      '/v1/models': () => ({ object: 'list', data: [{ id: modelId, object: 'model' }] }),
      '/tokenize': () => ({ tokens: Array.from((JSON.parse(body) as { content: string }).content) }),
      '/apply-template': () => ({
        prompt: (JSON.parse(body) as { messages: { content: string }[] }).messages.map((m) => m.content).join('\n'),
      }),
    };
    const answer = answers[path ?? ''];
    if (answer === undefined) {
      send(response, 404, { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } });
    } else {
      send(response, 200, answer());
    }
  }

  #slots(): unknown[] {
    const { slots, ctxTokens } = this.#options;
    return Array.from({ length: slots }, (_, id) => ({
      id,
      n_ctx: ctxTokens,
      is_processing: id < this.slotsBusy,
    }));
  }

  #complete(request: GenerationRequest, response: ServerResponse): void {
    const start = (): void => {
      const generation = new EngineGeneration(request, response, {
        free: () => this.#waiting.shift()?.(),
        keepsAfterAbort: () => this.keepsSlotAfterAbort,
      });
      this.generations.push(generation);
      for (const arrived of [...this.#arrivals]) arrived();
      if (!request.prompt.includes(HOLD)) writeAll(generation);
    };
    if (this.slotsBusy < this.#options.slots) start();
    else this.#waiting.push(start);
  }
}

/** Answers at once, with words that follow from seed and prompt. */
function writeAll(generation: EngineGeneration): void {
  const { prompt, n_predict: limit, seed } = generation.request;
  const wanted = Number(TOKENS.exec(prompt)?.[1] ?? DEFAULT_TOKENS);
  const count = Math.min(wanted, limit);
  const digest = createHash('sha256').update(`${seed}:${prompt}`).digest('hex');
  const words = Array.from({ length: count }, (_, k) => ` sealed${digest.charAt(k % 64)}${k}`);
  generation.write(...words);
  generation.finish(count < wanted ? 'limit' : 'eos');
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
