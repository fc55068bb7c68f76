// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/** Raw bytes of an answer: `recorded/limit`, `written/2024-limit`. */
export function rawAnswer(name: string): Buffer {
  return readFileSync(new URL(`./${name}.http`, import.meta.url));
}

/** The body of an answer, without chunk framing. */
export function answerBody(name: string): Buffer {
  const raw = rawAnswer(name);
  const bodyAt = raw.indexOf('\r\n\r\n') + 4;
  if (!raw.subarray(0, bodyAt).includes('chunked')) return raw.subarray(bodyAt);
  const parts: Buffer[] = [];
  for (let at = bodyAt; at < raw.length;) {
    const lineEnd = raw.indexOf('\r\n', at);
    const length = Number.parseInt(raw.toString('latin1', at, lineEnd), 16);
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(parts);
}

/** A 200 event stream with this body, framed by the end of the connection. */
export function streamOf(body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'), Buffer.from(body)]);
}

/** The first events of a recorded stream, with the head of its answer, and no end. */
export function beginningOf(name: string, eventCount: number): Buffer {
  const events = answerBody(name).toString().split('\n\n').slice(0, eventCount);
  return streamOf(events.map((event) => `${event}\n\n`).join(''));
}

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown): Buffer {
  const body = JSON.stringify(value);
  const head = `HTTP/1.1 ${status} X\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}
