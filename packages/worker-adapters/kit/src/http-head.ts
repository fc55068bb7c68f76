// SPDX-License-Identifier: MIT
import { HttpHeaders } from './http-headers.ts';
import { hasPrefix } from './json-cut.ts';
import { protocolFault } from './map-http-fault.ts';
import { retryAfterMsOf } from './retry-after.ts';

/** How an answer's body ends: there is none, after its last chunk, after so many bytes, with the connection. */
export type BodyEnd = 'empty' | 'chunked' | 'length' | 'close';

/** What stands before an answer's body. */
export interface HttpHead {
  /** Below 200 the answer is still to come. */
  readonly status: number;
  /** Media type in lower case, without parameters; empty when the answer names none. */
  readonly contentType: string;
  /** In lower case; `identity` when the answer names none. */
  readonly contentCoding: string;
  /** Milliseconds after which the engine wants to be asked again; undefined when it names none. */
  readonly retryAfterMs: number | undefined;
  readonly bodyEnd: BodyEnd;
  /** Bytes of a body that ends by its length, else 0. */
  readonly bodyBytes: number;
  /** Whether the engine keeps the connection after this answer. */
  readonly keepsConnection: boolean;
}

/** A head and its bytes, to the end of the empty line. */
interface KnownHead {
  readonly head: HttpHead;
  readonly bytes: Buffer;
}

/** What ends a head. */
export const END_OF_HEAD = '\r\n\r\n';
/** A status line and any number of headers. */
const HEAD = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\r\n\0]*)?(?:\r\n[!#$%&'*+.^_`|~\w-]+:[^\r\n\0]*)*$/;
const OK = 200;
const NO_BODY = { bodyEnd: 'empty', bodyBytes: 0 } as const;
/** How long a date is away changes, so a head with one is read each time. */
const RETRY_AFTER = /\r\nretry-after/i;

/** An engine begins most answers with the same head, so the one of the last success is not read again. */
let known: KnownHead | undefined;

/** The head that stands at a place, if it is the one of the last success. */
export function knownHeadAt(packet: Buffer, start: number, end: number): KnownHead | undefined {
  return known !== undefined && known.bytes.length <= end - start && hasPrefix(packet, start, known.bytes)
    ? known
    : undefined;
}

/**
 * Reads the text of a head up to the empty line at its end.
 *
 * @throws OrchError WORKER_RESET for what is not HTTP/1.1.
 */
export function readHttpHead(text: string): HttpHead {
  const head = parseHead(text);
  if (head.status === OK && !RETRY_AFTER.test(text)) {
    known = { head, bytes: Buffer.from(text + END_OF_HEAD, 'latin1') };
  }
  return head;
}

function parseHead(text: string): HttpHead {
  const [, minor, digits] = HEAD.exec(text) ?? [];
  const status = Number(digits);
  if (digits === undefined || status === 101) throw protocolFault('not_http');
  const headers = new HttpHeaders(text);
  const end = bodyEndOf(status, minor === '1', headers);
  return {
    status,
    contentType: headers.get('content-type')?.split(';', 1).join('').trim() ?? '',
    contentCoding: headers.get('content-encoding') ?? 'identity',
    retryAfterMs: retryAfterMsOf(headers),
    ...end,
    keepsConnection: minor === '1' && end.bodyEnd !== 'close' && !(headers.get('connection') ?? '').includes('close'),
  };
}

/** ORCH-4061: an answer whose end could be read in two ways is refused. */
function bodyEndOf(status: number, mayChunk: boolean, headers: HttpHeaders): Pick<HttpHead, 'bodyEnd' | 'bodyBytes'> {
  if (status < OK) return NO_BODY;
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined && (length !== undefined || !mayChunk || coding !== 'chunked')) {
    throw protocolFault('not_http');
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw protocolFault('not_http');
  if (status === 204 || status === 304) return NO_BODY;
  if (coding !== undefined) return { bodyEnd: 'chunked', bodyBytes: 0 };
  if (length === undefined) return { bodyEnd: 'close', bodyBytes: 0 };
  const bodyBytes = Number(length);
  return bodyBytes === 0 ? NO_BODY : { bodyEnd: 'length', bodyBytes };
}
