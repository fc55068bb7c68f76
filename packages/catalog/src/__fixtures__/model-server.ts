// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A certificate of our own for `models.example`, `other.example` and 127.0.0.1; it protects nothing. */
export const TEST_CERTIFICATE = readFileSync(new URL('./cert.pem', import.meta.url), 'utf8');

/** One request as the server saw it. */
export interface SeenRequest {
  readonly host: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request instead of the server's own way; false leaves it to that. */
export type Script = (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => boolean;

/** A server of models on loopback that a test can make misbehave. */
export interface ModelServer extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** Content by path. */
  readonly files: Map<string, Buffer>;
  /** What misbehaves; replaced at will. */
  script: Script;
}

/** Starts it; it knows ranges and strong entity tags. */
export async function startModelServer({ isTls = false } = {}): Promise<ModelServer> {
  const requests: SeenRequest[] = [];
  const files = new Map<string, Buffer>();
  const state = { script: (() => false) as Script };
  const listener: RequestListener = (request, response) => {
    const { headers, url = '/' } = request;
    const seen = {
      host: headers.host ?? '',
      path: url,
      range: headers.range,
      ifRange: headers['if-range'] as string | undefined,
      authorization: headers.authorization,
    };
    requests.push(seen);
    if (state.script(request, response, seen)) return;
    const content = files.get(url);
    if (content === undefined) response.writeHead(404).end();
    else sendContent(response, content, seen);
  };
  const server = isTls
    ? createTlsServer({ cert: TEST_CERTIFICATE, key: readFileSync(new URL('./key.pem', import.meta.url)) }, listener)
    : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    files,
    get script() {
      return state.script;
    },
    set script(script) {
      state.script = script;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The strong tag that the server gives a content. */
export function etagOf(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
}

/** The digest of a content as the catalog writes it. */
export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** The head of an answer to a request for a range, and the bytes that belong to it. */
export function rangeOf(
  content: Buffer,
  { range, ifRange }: SeenRequest,
): { readonly head: RangeHead; readonly body: Buffer } {
  const etag = etagOf(content);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first === undefined || (ifRange !== undefined && ifRange !== etag)) {
    return { head: { status: 200, headers: { ETag: etag, 'Content-Length': content.length } }, body: content };
  }
  const body = content.subarray(Number(first), Number(last) + 1);
  const contentRange = `bytes ${first}-${Number(first) + body.length - 1}/${content.length}`;
  return {
    head: { status: 206, headers: { ETag: etag, 'Content-Length': body.length, 'Content-Range': contentRange } },
    body,
  };
}

interface RangeHead {
  readonly status: number;
  readonly headers: Record<string, string | number>;
}

/** Answers as a good server does. */
export function sendContent(response: ServerResponse, content: Buffer, seen: SeenRequest): void {
  const { head, body } = rangeOf(content, seen);
  response.writeHead(head.status, head.headers).end(body);
}
