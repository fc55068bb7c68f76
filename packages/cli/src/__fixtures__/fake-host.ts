// SPDX-License-Identifier: MIT
import type { CliHost } from '../cli-host.ts';

/** What the service answers a request with. */
export type Responder = (request: Request) => Response | Promise<Response>;

/** A process that exists on paper only, and what a command did to it. */
export interface FakeHost extends CliHost {
  readonly requests: readonly Request[];
  readonly written: { stdout: string; stderr: string };
  /** Sends SIGINT. */
  interrupt(): void;
}

/** What a fake process is like. */
export interface FakeHostOptions {
  /** Answers by `METHOD /path`; anything else cannot be reached. */
  readonly routes?: Readonly<Record<string, Responder>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly isTerminal?: boolean;
}

/** A process to run commands in. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const { routes = {}, env = {}, input = '', isTerminal = false } = options;
  const requests: Request[] = [];
  const written = { stdout: '', stderr: '' };
  const listeners = new Set<(signal: 'SIGINT') => void>();
  return {
    requests,
    written,
    env,
    stdout: { isTerminal, write: (text) => void (written.stdout += text) },
    stderr: { isTerminal, write: (text) => void (written.stderr += text) },
    isInputTerminal: isTerminal,
    readInput: async () => input,
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    interrupt: () => listeners.forEach((listener) => listener('SIGINT')),
    async fetch(request) {
      requests.push(request.clone());
      const responder = routes[`${request.method} ${new URL(request.url).pathname}`];
      if (responder === undefined) throw new TypeError('fetch failed');
      return responder(request);
    },
  };
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Responder {
  return () => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
}

/** An answer without a body. */
export const noContent: Responder = () => new Response(null, { status: 204 });

/** A stream a test feeds piece by piece. */
export interface FedStream {
  readonly responder: Responder;
  feed(...frames: readonly string[]): void;
  close(): void;
}

/** A stream that stays open until it is closed or its request is aborted. */
export function createFedStream(): FedStream {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (started) => void (controller = started) });
  const encoder = new TextEncoder();
  return {
    responder(request) {
      request.signal.addEventListener('abort', () => {
        try {
          controller.error(request.signal.reason);
        } catch {
          // Already closed: an abort after the end has nothing left to fail.
        }
      });
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    },
    feed: (...frames) => controller.enqueue(encoder.encode(frames.join(''))),
    close: () => controller.close(),
  };
}

/** A stream that sends these frames and ends. */
export function streamOf(...frames: readonly string[]): Responder {
  return (request) => {
    const stream = createFedStream();
    stream.feed(...frames);
    stream.close();
    return stream.responder(request);
  };
}
