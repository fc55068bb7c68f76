// SPDX-License-Identifier: MIT
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

/** One request, as it goes over the wire. */
export interface HttpCall {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** A string or bytes go out as they are; anything else as JSON. */
  readonly body?: unknown;
}

/** One whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is not JSON. */
  readonly json: unknown;
}

/** Sends one request on a connection of its own and reads the whole answer. Rejects when the connection breaks. */
export function call(baseUrl: string, { method = 'GET', path, headers = {}, body }: HttpCall): Promise<HttpAnswer> {
  const payload = encodeBody(body);
  const typed = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${baseUrl}${path}`, { method, agent: false, headers: { ...typed, ...headers } });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parseJson(text) });
      });
    });
    outgoing.end(payload);
  });
}

function encodeBody(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // an answer that is not JSON is judged by its text
  }
}
