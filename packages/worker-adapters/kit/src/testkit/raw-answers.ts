// SPDX-License-Identifier: MIT

/** An answer with a body of known length, as the bytes of the wire. */
export function rawAnswer(status: number, contentType: string, body: string): Buffer {
  const type = contentType === '' ? '' : `content-type: ${contentType}\r\n`;
  return Buffer.from(`HTTP/1.1 ${status} X\r\n${type}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown): Buffer {
  return rawAnswer(status, 'application/json', JSON.stringify(value));
}

/** A 200 event stream with this body in chunks of the given sizes (default: one chunk), with or without its end. */
export function streamAnswer(body: string | Buffer, { chunkBytes = Infinity, isCut = false } = {}): Buffer {
  const bytes = Buffer.from(body);
  const parts = [
    Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'),
  ];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, Math.min(bytes.length, at + chunkBytes));
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  if (!isCut) parts.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(parts);
}

/** Values as the events of a stream. */
export function eventsOf(values: readonly unknown[]): string {
  return values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');
}

/** The body of a raw answer, without chunk framing. */
export function bodyOf(raw: Buffer): Buffer {
  const bodyAt = raw.indexOf('\r\n\r\n') + 4;
  if (!/^transfer-encoding: chunked\r$/im.test(raw.toString('latin1', 0, bodyAt))) return raw.subarray(bodyAt);
  const parts: Buffer[] = [];
  for (let at = bodyAt; at < raw.length;) {
    const lineEnd = raw.indexOf('\r\n', at);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(raw.toString('latin1', at, lineEnd), 16);
    parts.push(raw.subarray(start, end));
    at = end + 2;
  }
  return Buffer.concat(parts);
}
