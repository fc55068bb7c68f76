// SPDX-License-Identifier: MIT
import { END_OF_HEAD, knownHeadAt, readHttpHead, type BodyEnd, type HttpHead } from './http-head.ts';
import { protocolFault } from './map-http-fault.ts';

/** Bound of a head, of a chunk's size with its extension, and of the trailer, each. */
const MAX_FRAMING_BYTES = 65_536;
/** Hexadecimal digits of a chunk's size that fit a safe integer. */
const MAX_SIZE_DIGITS = 13;
const LF = 10;
const CR = 13;

const State = {
  start: 0,
  head: 1,
  untilLength: 2,
  untilClose: 3,
  chunkSize: 4,
  chunkExtension: 5,
  chunkStart: 6,
  chunkData: 7,
  chunkEnd: 8,
  chunkEndLf: 9,
  trailerLine: 10,
  trailerText: 11,
  trailerLf: 12,
  lastLf: 13,
  complete: 14,
} as const;
type State = (typeof State)[keyof typeof State];

const STATE_OF_BODY: Readonly<Record<BodyEnd, State>> = {
  empty: State.complete,
  chunked: State.chunkSize,
  length: State.untilLength,
  close: State.untilClose,
};

/** Reads HTTP/1.1 answers, one at a time, from packets cut anywhere (ORCH-4061). Strict, and bounded in all it keeps. */
export abstract class HttpAnswerReader {
  // What a chunk touches stands first and together.
  #state: State = State.start;
  /** Bytes of the body or of the chunk that have not come. */
  #missingBytes = 0;
  /** Bytes of a chunk's size and extension, or of the trailer, that have come. */
  #framingBytes = 0;
  /** The beginning of a head whose end has not come. */
  #heldHead = '';
  #keepsConnection = false;

  protected abstract onHead(head: HttpHead): void;

  /** Receives bytes of the body without their framing, once per packet; they are valid during the call. */
  protected abstract onBody(packet: Buffer, start: number, end: number): void;

  /** Whether anything of the answer has come. */
  protected get hasBegun(): boolean {
    return this.#state !== State.start;
  }

  protected get isComplete(): boolean {
    return this.#state === State.complete;
  }

  /** Whether another request may follow on the connection. */
  protected get keepsConnection(): boolean {
    return this.#keepsConnection && this.isComplete;
  }

  /** Makes ready for an answer; the one before must be complete. */
  protected begin(): void {
    this.#state = State.start;
    this.#framingBytes = 0;
  }

  /**
   * Reads one packet, the bytes to before `end`. Those of its chunks are moved together in place, so that `onBody` is
   * called once.
   *
   * @throws OrchError WORKER_RESET for what is not HTTP/1.1, and what `onHead` and `onBody` throw; the reader must not be
   *   used afterwards.
   */
  protected read(packet: Buffer, end: number): void {
    let at = 0;
    while (this.#state <= State.head && at < end) at = this.#readHead(packet, at, end);
    if (at === end) return;
    if (this.#state >= State.chunkSize && !this.isComplete) at = this.#readChunks(packet, at, end);
    else if (this.#state === State.untilLength) at = this.#readLength(packet, at, end);
    else if (this.#state === State.untilClose) this.onBody(packet, at, end);
    // Bytes after the end belong to no request, and neither would those that follow them.
    if (this.isComplete && at < end) this.#keepsConnection = false;
  }

  /** The engine closed the connection: the end of an answer without a length. */
  protected finish(): void {
    if (this.#state === State.untilClose) this.#state = State.complete;
  }

  #readHead(packet: Buffer, start: number, end: number): number {
    this.#state = State.head;
    const held = this.#heldHead;
    const known = held === '' ? knownHeadAt(packet, start, end) : undefined;
    if (known !== undefined) {
      this.#onWholeHead(known.head);
      return start + known.bytes.length;
    }
    const text = held + packet.toString('latin1', start, Math.min(end, start + MAX_FRAMING_BYTES));
    const headEnd = text.indexOf(END_OF_HEAD, Math.max(0, held.length - END_OF_HEAD.length + 1));
    if (headEnd > MAX_FRAMING_BYTES || (headEnd < 0 && text.length >= MAX_FRAMING_BYTES))
      throw protocolFault('not_http');
    if (headEnd < 0) {
      this.#heldHead = text;
      return end;
    }
    this.#heldHead = '';
    this.#onWholeHead(readHttpHead(text.slice(0, headEnd)));
    return start + headEnd + END_OF_HEAD.length - held.length;
  }

  #onWholeHead(head: HttpHead): void {
    if (head.status < 200) return;
    this.#state = STATE_OF_BODY[head.bodyEnd];
    this.#missingBytes = head.bodyBytes;
    this.#keepsConnection = head.keepsConnection;
    this.onHead(head);
  }

  #readLength(packet: Buffer, start: number, end: number): number {
    const bodyEnd = Math.min(end, start + this.#missingBytes);
    this.#missingBytes -= bodyEnd - start;
    if (this.#missingBytes === 0) this.#state = State.complete;
    this.onBody(packet, start, bodyEnd);
    return bodyEnd;
  }

  #readChunks(packet: Buffer, start: number, end: number): number {
    let at = start;
    let bodyStart = start;
    let bodyEnd = start;
    while (at < end && !this.isComplete) {
      if (this.#state !== State.chunkData) {
        this.#readFraming(packet[at] ?? 0);
        at += 1;
        continue;
      }
      const chunkEnd = Math.min(end, at + this.#missingBytes);
      if (bodyStart === bodyEnd) bodyStart = bodyEnd = at;
      else packet.copyWithin(bodyEnd, at, chunkEnd);
      bodyEnd += chunkEnd - at;
      this.#missingBytes -= chunkEnd - at;
      if (this.#missingBytes === 0) this.#state = State.chunkEnd;
      at = chunkEnd;
    }
    if (bodyEnd > bodyStart) this.onBody(packet, bodyStart, bodyEnd);
    return at;
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case State.chunkSize:
        return this.#readSize(byte);
      case State.chunkExtension:
        return this.#skipUntilCr(byte, State.chunkStart);
      case State.chunkStart:
        this.#framingBytes = 0;
        return this.#expect(byte, LF, this.#missingBytes === 0 ? State.trailerLine : State.chunkData);
      case State.chunkEnd:
        return this.#expect(byte, CR, State.chunkEndLf);
      case State.chunkEndLf:
        return this.#expect(byte, LF, State.chunkSize);
      case State.trailerLine:
        if (byte === CR) this.#state = State.lastLf;
        else this.#skipUntilCr(byte, State.trailerLf, State.trailerText);
        return;
      case State.trailerText:
        return this.#skipUntilCr(byte, State.trailerLf);
      case State.trailerLf:
        return this.#expect(byte, LF, State.trailerLine);
      case State.lastLf:
        return this.#expect(byte, LF, State.complete);
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.#framingBytes < MAX_SIZE_DIGITS) {
      this.#missingBytes = this.#missingBytes * 16 + digit;
      this.#framingBytes += 1;
      return;
    }
    if (this.#framingBytes === 0 || digit >= 0) throw protocolFault('not_http');
    if (byte === CR) this.#state = State.chunkStart;
    else if (byte === 59 /* ; */ || byte === 32 || byte === 9) this.#state = State.chunkExtension;
    else throw protocolFault('not_http');
  }

  #expect(byte: number, expected: number, next: State): void {
    if (byte !== expected) throw protocolFault('not_http');
    this.#state = next;
  }

  #skipUntilCr(byte: number, next: State, meanwhile: State = this.#state): void {
    this.#framingBytes += 1;
    if (byte === LF || this.#framingBytes > MAX_FRAMING_BYTES) throw protocolFault('not_http');
    this.#state = byte === CR ? next : meanwhile;
  }
}

/** The value of a hexadecimal digit; -1 for other bytes. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
