// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { OrchError } from '@llama-orch/worker-adapter-api';
import { checkJsonShape } from './check-json-shape.ts';
import { refusal } from './refusal.ts';

/** Bounds of a request body. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** Deepest nesting; an object of plain values is 1. */
  readonly maxDepth: number;
}

const JSON_UTF8 = /^application\/json(?:[ \t]*;[ \t]*charset[ \t]*=[ \t]*(?:utf-8|"utf-8"))?[ \t]*$/i;

/**
 * Reads a request body as JSON: bounded while it is read, strict UTF-8, depth and duplicate keys checked before it is parsed.
 *
 * @throws OrchError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or INVALID_PARAMS; ORCH-2020 to ORCH-2022.
 */
export function readJsonBody(request: IncomingMessage, { maxBytes, maxDepth }: BodyLimits): Promise<unknown> {
  checkMediaType(request);
  return readBytes(request, maxBytes).then((bytes) => parseJson(bytes, maxDepth));
}

/** True when the request announces a body. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function checkMediaType({ headers }: IncomingMessage): void {
  const { 'content-type': type = '', 'content-encoding': coding } = headers;
  if (!JSON_UTF8.test(type) && !isPlainCurl(headers)) throw refusal('UNSUPPORTED_MEDIA_TYPE', 'header.content-type');
  if (coding !== undefined) throw refusal('UNSUPPORTED_MEDIA_TYPE', 'header.content-encoding');
}

/** ORCH-2027: a browser that sends a form, which needs no permission of ours, always says where it comes from. */
function isPlainCurl(headers: IncomingHttpHeaders): boolean {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded' || headers.origin !== undefined) return false;
  return !Object.keys(headers).some((name) => name.startsWith('sec-fetch-'));
}

function parseJson(bytes: Buffer, maxDepth: number): unknown {
  // ORCH-2020: a lenient decoder would turn bad bytes into other text
  if (!isUtf8(bytes)) throw refusal('INVALID_PARAMS', '$', { message: 'The body is not valid UTF-8.' });
  const text = bytes.toString('utf8');
  checkJsonShape(text, maxDepth);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be a prompt.
    throw refusal('INVALID_PARAMS', '$', { message: 'The body is not valid JSON.' });
  }
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // ORCH-2021: a declared length is believed when it refuses, and counted when it does not
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  // So is a request that announces no body, and it tells of nothing.
  if (request.readableEnded) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let byteCount = 0;
    request.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
      if (byteCount <= maxBytes) chunks.push(chunk);
      else if (byteCount - chunk.length <= maxBytes) reject(tooLarge(maxBytes));
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    // Told of every request; of one that was read it changes nothing.
    request.on('close', () => {
      if (!request.readableEnded) reject(new OrchError('REQUEST_TIMEOUT', { phase: 'request' }));
    });
  });
}

function tooLarge(maxBytes: number): OrchError {
  const message = `The body is larger than ${maxBytes} bytes.`;
  return refusal('PAYLOAD_TOO_LARGE', '$', { message, limit: maxBytes, unit: 'bytes' });
}
