// SPDX-License-Identifier: MIT
import { OrchError } from '@llama-orch/worker-adapter-api';
import { propertyRun, verifies } from '@llama-orch/test-kit';
import fc from 'fast-check';
import { expect, onTestFinished, vi } from 'vitest';
import { HttpAnswerReader } from './http-answer-reader.ts';
import type { HttpHead } from './http-head.ts';

interface Read {
  readonly head: HttpHead | undefined;
  readonly body: string;
  readonly isComplete: boolean;
  readonly keepsConnection: boolean;
}

/** Reads packets as a connection does: into one buffer, and not beyond the end of the answer. */
class KeepingReader extends HttpAnswerReader {
  readonly #packet = Buffer.alloc(262_144);
  #head: HttpHead | undefined;
  #parts: Buffer[] = [];

  readAnswer(packets: readonly Uint8Array[], thenClose = false): Read {
    this.#head = undefined;
    this.#parts = [];
    this.begin();
    for (const packet of packets) {
      if (this.isComplete) break;
      this.#packet.set(packet);
      this.read(this.#packet, packet.length);
    }
    if (thenClose) this.finish();
    const { isComplete, keepsConnection } = this;
    return { head: this.#head, body: Buffer.concat(this.#parts).toString(), isComplete, keepsConnection };
  }

  protected onHead(head: HttpHead): void {
    this.#head = head;
  }

  protected onBody(packet: Buffer, start: number, end: number): void {
    this.#parts.push(Buffer.from(packet.subarray(start, end)));
  }
}

const read = (packets: readonly Uint8Array[], { thenClose = false } = {}): Read =>
  new KeepingReader().readAnswer(packets, thenClose);

const readText = (text: string, options = {}): Read => read([Buffer.from(text, 'latin1')], options);

function cutAt(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const packets: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    packets.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...packets, bytes.subarray(at)].filter((packet) => packet.length > 0);
}

function breachOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (OrchError.is(error)) return error.details['breach'];
    throw error;
  }
  return undefined;
}

const chunk = (text: string, extension = ''): string =>
  `${Buffer.byteLength(text).toString(16)}${extension}\r\n${text}\r\n`;
const CHUNKED =
  'HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n';
const STREAM_HEAD = {
  status: 200,
  contentType: 'text/event-stream',
  contentCoding: 'identity',
  bodyEnd: 'chunked',
  bodyBytes: 0,
  keepsConnection: true,
};

verifies('ORCH-4061', 'an answer cut in two at every byte is read the same', () => {
  const text = `HTTP/1.1 100 Continue\r\n\r\n${CHUNKED}${chunk('data: ä\n\n', ';x="y"')}${chunk('b')}0\r\nx-trailer: 1\r\n\r\n`;
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const answer = read([bytes.subarray(0, cut), bytes.subarray(cut)].filter((packet) => packet.length > 0));
    expect(answer, `cut at ${cut}`).toEqual({
      head: STREAM_HEAD,
      body: 'data: ä\n\nb',
      isComplete: true,
      keepsConnection: true,
    });
  }
});

verifies('ORCH-4061', 'an answer is read the same whichever came before it', () => {
  const heads = 'HTTP/1.1 200 OK\r\n';
  const answers = [
    `${CHUNKED}${chunk('a', ';x=y')}${chunk('b')}0\r\nx-trailer: 1\r\n\r\n`,
    `${heads}content-length: 2\r\n\r\nab`,
    `${heads}connection: close\r\ncontent-length: 0\r\n\r\n`,
  ].map((text) => [...Buffer.from(text)].map((byte) => Buffer.of(byte)));
  for (const before of answers) {
    for (const packets of answers) {
      const reader = new KeepingReader();
      reader.readAnswer(before);
      expect(reader.readAnswer(packets)).toEqual(read(packets));
    }
  }
});

verifies('ORCH-4061', 'any body survives any framing and any cuts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 8 }),
      fc.array(fc.nat({ max: 60 }), { maxLength: 30 }),
      fc.constantFrom('chunked', 'length', 'close'),
      (parts, lengths, framing) => {
        const body = parts.join('');
        const text = {
          chunked: `${CHUNKED}${parts.map((part) => chunk(part)).join('')}0\r\n\r\n`,
          length: `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
          close: `HTTP/1.0 200 OK\r\n\r\n${body}`,
        }[framing];
        const answer = read(cutAt(Buffer.from(text), lengths), { thenClose: framing === 'close' });
        expect(answer).toMatchObject({ body, isComplete: true, keepsConnection: framing !== 'close' });
      },
    ),
    propertyRun,
  );
});

verifies('ORCH-4061', 'any bytes are read or refused, and never read beyond the end', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom('\r\n', '\r\n\r\n', '0', '5\r\n', 'HTTP/1.1 200 OK\r\n', 'content-length: 3\r\n', ':', CHUNKED),
  );
  fc.assert(
    fc.property(
      fc.array(noise, { maxLength: 8 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 12 }),
      (parts, lengths) => {
        const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
        const outcomes = [[bytes], cutAt(bytes, lengths)].map((packets) => {
          let answer: Read | undefined;
          const breach = breachOf(() => (answer = read(packets.filter((packet) => packet.length > 0))));
          return { breach, isComplete: answer?.isComplete, head: answer?.head, body: answer?.body };
        });
        expect(outcomes[0]).toEqual(outcomes[1]);
      },
    ),
    { ...propertyRun, numRuns: 500 },
  );
});

for (const [what, text] of [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['a change of protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ['a line that is no header', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\nx'],
  ['a lone line feed in the head', 'HTTP/1.1 200 OK\r\nx: a\ncontent-length: 0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
  ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\nx'],
  ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['another coding below the chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a chunk without a size', `${CHUNKED}\r\nx\r\n`],
  ['a size that is no number', `${CHUNKED}-1\r\nx\r\n`],
  ['a size beyond all bounds', `${CHUNKED}${'f'.repeat(14)}\r\n`],
  ['a size ended by a line feed alone', `${CHUNKED}1\nx\r\n`],
  ['a chunk longer than its size', `${CHUNKED}1\r\nxx\r\n`],
  ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`],
  ['an endless extension', `${CHUNKED}1;${'y'.repeat(70_000)}`],
  ['an endless trailer', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(20_000)}`],
] as const) {
  verifies('ORCH-4061', `${what} is refused`, () => {
    expect(breachOf(() => readText(text))).toBe('not_http');
    expect(breachOf(() => read([...Buffer.from(text, 'latin1')].map((byte) => Buffer.of(byte))))).toBe('not_http');
  });
}

verifies(['ORCH-4061', 'ORCH-4075'], 'heads that differ little, or mean something else later, are each read', () => {
  const head = (headers: string): unknown => readText(`HTTP/1.1 200 OK\r\n${headers}content-length: 0\r\n\r\n`).head;
  expect([head(''), head('x: 1\r\n'), head('content-type: a/b\r\n'), head('')]).toMatchObject([
    { contentType: '' },
    { contentType: '' },
    { contentType: 'a/b' },
    { contentType: '' },
  ]);
  vi.useFakeTimers({ now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const dated = `retry-after: ${new Date(60_000).toUTCString()}\r\n`;
  expect(head(dated)).toMatchObject({ retryAfterMs: 60_000 });
  vi.setSystemTime(20_000);
  expect(head(dated)).toMatchObject({ retryAfterMs: 40_000 });
});

verifies('ORCH-4061', 'a status without a body ends with its head', () => {
  for (const status of [204, 304]) {
    const answer = readText(`HTTP/1.1 ${status} X\r\ncontent-length: 9\r\n\r\n`);
    expect(answer).toMatchObject({ head: { status }, isComplete: true, keepsConnection: true });
  }
});

verifies('ORCH-4061', 'a connection is kept only when the engine keeps it and has said no more', () => {
  const empty = 'content-length: 0\r\n\r\n';
  expect(readText(`HTTP/1.1 200 OK\r\n${empty}`).keepsConnection).toBe(true);
  expect(readText(`HTTP/1.1 200 OK\r\nConnection: Close\r\n${empty}`).keepsConnection).toBe(false);
  expect(readText(`HTTP/1.0 200 OK\r\n${empty}`).keepsConnection).toBe(false);
  expect(readText(`HTTP/1.1 200 OK\r\n${empty}HTTP/1.1 200 OK\r\n`).keepsConnection).toBe(false);
  expect(readText(`${CHUNKED}${chunk('a')}0\r\n\r\nmore`)).toMatchObject({ body: 'a', keepsConnection: false });
});

verifies('ORCH-4059', 'an answer that is not whole when the connection closes stays incomplete', () => {
  for (const text of [
    '',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx',
    CHUNKED + chunk('a'),
  ]) {
    expect(readText(text, { thenClose: true }).isComplete).toBe(false);
  }
});
