// SPDX-License-Identifier: MIT
import { request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { HttpAnswer } from './http-call.ts';

/** One server-sent event, with the exact bytes it came in. */
export interface Frame {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly raw: string;
}

/** How to open a stream. */
export interface SseOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads nothing until `resume` is called. */
  readonly paused?: boolean;
}

const FRAME = /^id: ([^\n]+)\nevent: ([^\n]+)\ndata: ([^\n]+)\n\n$/;

/** One connection that follows a stream and keeps everything it got. */
export class SseReader {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly frames: Frame[] = [];
  /** Comment lines received. */
  commentCount = 0;
  /** The body of an answer that is not a stream. */
  body = '';
  /** True once the service has ended the response; `cut` when it broke off instead. */
  end: 'open' | 'ended' | 'cut' = 'open';
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  readonly #listeners = new Set<() => void>();
  #rest = '';

  private constructor(outgoing: ClientRequest, response: IncomingMessage, paused: boolean) {
    this.#request = outgoing;
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text));
    response.on('end', () => this.#finish('ended'));
    response.on('error', () => this.#finish('cut'));
    response.on('close', () => this.#finish('cut'));
    if (paused) response.pause();
  }

  /** Resolves with the response head; rejects when there is none. */
  static open(url: string, { headers = {}, paused = false }: SseOptions = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => resolve(new SseReader(outgoing, response, paused)));
      outgoing.end();
    });
  }

  /** The frames that are stored: everything but `metrics`. */
  get stored(): readonly Frame[] {
    return this.frames.filter(({ event }) => event !== 'metrics');
  }

  get tokens(): readonly Frame[] {
    return this.frames.filter(({ event }) => event === 'token');
  }

  get text(): string {
    return this.tokens.map(({ data }) => data['t']).join('');
  }

  /** The terminal frame; undefined while there is none. */
  get terminal(): Frame | undefined {
    return this.frames.find(({ event }) => event === 'end' || event === 'error');
  }

  /** The answer as a plain one, for streams that were refused. */
  get answer(): HttpAnswer {
    const json: unknown = this.body === '' ? undefined : JSON.parse(this.body);
    return { status: this.status, headers: this.headers, text: this.body, json };
  }

  /** Resolves once `seen` holds; rejects when the response ends before. */
  async until(what: string, seen: (reader: this) => boolean): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!seen(this) && this.end === 'open') return;
        this.#listeners.delete(look);
        if (seen(this)) resolve();
        else reject(new Error(`the stream ${this.end} before ${what}; it held ${this.summary}`));
      };
      this.#listeners.add(look);
      look();
    });
    return this;
  }

  /** Resolves when the service has ended the response in good order. */
  async untilEnd(): Promise<this> {
    await this.until('its end', ({ end }) => end === 'ended');
    return this;
  }

  /** Resolves when the connection is over, in good order or not. */
  async untilOver(): Promise<this> {
    return this.until('it was over', ({ end }) => end !== 'open');
  }

  /** The events received, for messages. */
  get summary(): string {
    return this.frames.map(({ id, event }) => `${event}(${id})`).join(' ') || this.body || 'nothing';
  }

  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  /** Drops the connection; what was received stays. */
  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    if (!(this.headers['content-type'] ?? '').startsWith('text/event-stream')) {
      this.body += text;
    } else {
      this.#rest += text;
      for (let at = this.#rest.indexOf('\n\n'); at >= 0; at = this.#rest.indexOf('\n\n')) {
        this.#block(this.#rest.slice(0, at + 2));
        this.#rest = this.#rest.slice(at + 2);
      }
    }
    this.#announce();
  }

  #block(raw: string): void {
    if (raw.startsWith(':')) {
      this.commentCount += 1;
      return;
    }
    this.frames.push(parseFrame(raw));
  }

  #finish(end: 'ended' | 'cut'): void {
    if (this.end !== 'open') return;
    this.end = end;
    this.#announce();
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * Reads one frame as the service writes it: `id`, `event`, one `data` line of JSON, an empty line.
 *
 * @throws Error for anything else.
 */
export function parseFrame(raw: string): Frame {
  const [, id, event, data] = FRAME.exec(raw) ?? [];
  if (id === undefined || event === undefined || data === undefined) {
    throw new Error(`not a frame: ${JSON.stringify(raw)}`);
  }
  return { id, event, data: JSON.parse(data) as Frame['data'], raw };
}
