// SPDX-License-Identifier: MIT
import type { Fetch } from '../http/wire-calls.ts';

/** What a scripted service answers one request with. */
export type Responder = (request: Request) => Response | Promise<Response>;

/** A fetch that answers from a script, and what it was asked. */
export interface ScriptedFetch {
  readonly fetch: Fetch;
  readonly requests: readonly Request[];
}

/** Answers the n-th request with the n-th responder; a request beyond the script fails as an unreachable service does. */
export function scriptedFetch(...responders: readonly Responder[]): ScriptedFetch {
  const requests: Request[] = [];
  return {
    requests,
    async fetch(request) {
      requests.push(request);
      const responder = responders[requests.length - 1];
      if (responder === undefined) throw new TypeError('fetch failed');
      return responder(request);
    },
  };
}

/** How a scripted stream goes on after its text. */
export type StreamFate = 'ends' | 'fails' | 'hangs';

/** An event stream that sends `pieces` and then ends, fails or hangs; an aborted request fails it, as a real one does. */
export function eventStream(pieces: readonly string[], fate: StreamFate = 'ends'): Responder {
  return (request) => {
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          for (const piece of pieces) controller.enqueue(encoder.encode(piece));
          request.signal.addEventListener('abort', () => {
            controller.error(request.signal.reason);
          });
        },
        pull(controller) {
          if (fate === 'ends') controller.close();
          if (fate === 'fails') controller.error(new TypeError('terminated'));
        },
      },
      new CountQueuingStrategy({ highWaterMark: 0 }),
    );
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } });
  };
}

/** A JSON answer. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Responder {
  return () =>
    new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}
