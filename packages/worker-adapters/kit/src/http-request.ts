// SPDX-License-Identifier: MIT

// An import reads every export of the module, and one of them is a getter that loads Node's own web client: 14 MiB.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** A question beside a request that nothing has come back for. */
export interface SilenceCheck {
  /** Milliseconds from the sending of the request until it is asked, once. */
  readonly afterMs: number;
  /** What it rejects with ends the request, if nothing has come meanwhile; the signal aborts when that has ended. */
  ask(signal: AbortSignal): Promise<unknown>;
}

/** One request to an engine. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, e.g. `/completion`. */
  readonly path: string;
  /** JSON text to send. */
  readonly body?: string;
  /** Overrides the transport's limit, in milliseconds. */
  readonly headersTimeoutMs?: number;
  /** Default: none. */
  readonly silence?: SilenceCheck;
}

/** Encodes requests to one engine, each as the bytes of one write. */
export function createRequestEncoder(
  base: URL,
  headers: Readonly<Record<string, string>> = {},
): (request: HttpRequest) => Buffer {
  const prefix = base.pathname.endsWith('/') ? base.pathname.slice(0, -1) : base.pathname;
  // ORCH-4060: nobody here could read a coded answer.
  const fixedLines = headerLines({ host: base.host, ...headers, 'accept-encoding': 'identity' });
  return ({ method, path, body = '' }) => {
    const bodyBytes = Buffer.byteLength(body);
    const content = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${bodyBytes}\r\n`;
    const head = `${method} ${prefix}${path} HTTP/1.1\r\n${fixedLines}${content}\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + bodyBytes);
    bytes.write(head, 0, 'latin1');
    bytes.write(body, head.length, 'utf8');
    return bytes;
  };
}

/** @throws TypeError for a name or value that would break the request's head. */
function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      return `${name}: ${value}\r\n`;
    })
    .join('');
}
