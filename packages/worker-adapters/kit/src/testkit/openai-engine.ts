// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds between two tokens; long enough that a run can be looked at while it goes on. */
const PACE_MS = 1;
/** Milliseconds until a closed connection has been noticed and its work is over. */
const NOTICE_MS = 20;
const BRIEF_TOKENS = 8;
const PROMPT_TOKENS = 5;

/** What the members of a request say that steer the engine. */
interface GenerationBody {
  readonly model: string;
  readonly prompt?: string;
  readonly messages?: readonly { readonly content: string }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly seed: number;
}

/** The engine's own view of its work. */
export interface OpenAiEngineView {
  busyCount(): number;
  startedCount(): number;
}

/** A control answer: JSON, or the text of a Prometheus page. */
export type ControlAnswer = (view: OpenAiEngineView) => { readonly json: unknown } | { readonly text: string };

/** Settings of {@link startOpenAiEngine}. */
export interface OpenAiEngineOptions {
  /** Answers of everything that is no generation, by path. */
  readonly control: Readonly<Record<string, ControlAnswer>>;
  /** Body of the 400 for a refused request. */
  readonly refusal: unknown;
  /** Where the running or the final usage stands. */
  readonly usage: 'every_chunk' | 'last_chunk' | 'none';
}

/**
 * A stand-in for an engine of OpenAI's shape whose model counts. Prompts steer it: `endless`, `breaking` (it hangs up after
 * two tokens), `refused`, or brief.
 */
export interface OpenAiEngine extends OpenAiEngineView, AsyncDisposable {
  /** Without `/v1`. */
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** Starts an engine on a loopback port. */
export async function startOpenAiEngine(options: OpenAiEngineOptions): Promise<OpenAiEngine> {
  const work = { busy: 0, started: 0 };
  const view = { busyCount: () => work.busy, startedCount: () => work.started };
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const path = request.url ?? '';
    const control = options.control[path];
    if (control !== undefined) sendControl(response, control(view));
    else if (request.method === 'POST' && path.endsWith('/completions')) {
      generate(JSON.parse(Buffer.concat(parts).toString()) as GenerationBody, path.includes('chat'), response);
    } else sendJson(response, 404, { detail: 'Not Found' });
  }

  function generate(body: GenerationBody, isChat: boolean, response: ServerResponse): void {
    const prompt = body.prompt ?? body.messages?.map(({ content }) => content).join('\n') ?? '';
    if (prompt.includes('refused')) {
      sendJson(response, 400, options.refusal);
      return;
    }
    work.started += 1;
    work.busy += 1;
    countAloud(response, {
      body,
      prompt,
      chunk: chunkWriter(body.model, isChat, options.usage),
      free: () => void (work.busy -= 1),
    });
  }

  return {
    ...view,
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Generation {
  readonly body: GenerationBody;
  readonly prompt: string;
  readonly chunk: ChunkWriter;
  /** Called once when the engine is done with it. */
  readonly free: () => void;
}

function countAloud(response: ServerResponse, { body, prompt, chunk, free }: Generation): void {
  const wanted = prompt.includes('endless') ? Infinity : BRIEF_TOKENS;
  const most = body.max_completion_tokens ?? body.max_tokens ?? Infinity;
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  response.write(chunk({ text: '', tokens: 0, isFirst: true }));
  let sent = 0;
  const timer = setInterval(() => {
    if (prompt.includes('breaking') && sent === 2) {
      response.destroy();
      return;
    }
    sent += 1;
    const isLast = sent >= Math.min(wanted, most);
    const text = ` ${body.seed + sent}`;
    const finish = isLast ? { finishReason: wanted <= most ? 'stop' : 'length' } : {};
    response.write(chunk({ text, tokens: sent, ...finish }));
    if (isLast) response.end(`${chunk({ tokens: sent })}data: [DONE]\n\n`);
  }, PACE_MS);
  response.on('finish', free);
  response.on('close', () => {
    clearInterval(timer);
    if (!response.writableFinished) setTimeout(free, NOTICE_MS);
  });
}

interface ChunkFacts {
  /** Undefined in the chunk that carries the usage alone. */
  readonly text?: string;
  readonly tokens: number;
  readonly isFirst?: boolean;
  readonly finishReason?: string;
}

type ChunkWriter = (facts: ChunkFacts) => string;

function chunkWriter(model: string, isChat: boolean, usageIn: OpenAiEngineOptions['usage']): ChunkWriter {
  const head = {
    id: 'cmpl-1',
    object: isChat ? 'chat.completion.chunk' : 'text_completion',
    created: 1_760_000_000,
    model,
  };
  return ({ text, tokens, isFirst = false, finishReason = null }) => {
    const usage = { prompt_tokens: PROMPT_TOKENS, total_tokens: PROMPT_TOKENS + tokens, completion_tokens: tokens };
    const hasUsage = usageIn === 'every_chunk' || (usageIn === 'last_chunk' && text === undefined);
    if ((text === undefined && !hasUsage) || (isFirst && !isChat)) return '';
    const delta = isFirst ? { role: 'assistant', content: '' } : { content: text };
    const choice = { index: 0, ...(isChat ? { delta } : { text }), logprobs: null, finish_reason: finishReason };
    const choices = text === undefined ? [] : [choice];
    return `data: ${JSON.stringify({ ...head, choices, ...(hasUsage ? { usage } : {}) })}\n\n`;
  };
}

function sendControl(response: ServerResponse, answer: ReturnType<ControlAnswer>): void {
  if ('json' in answer) sendJson(response, 200, answer.json);
  else response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(answer.text);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}
