// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { GrowingBytes } from './growing-bytes.ts';
import { hasPrefix, type ByteRange } from './json-cut.ts';
import { protocolFault } from './map-http-fault.ts';

/** One event: its data lines, joined by LF, are the range, which is UTF-8. Valid while it is handed over. */
export interface SseEvent extends ByteRange {
  /** `message` when the stream names none. */
  readonly type: string;
  /** The data. */
  readonly text: string;
}

/** Bound of one line and of one event's data: as many bytes as 1,048,576 UTF-16 code units can take. */
const MAX_EVENT_BYTES = 3_145_728;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const FIRST_BEYOND_ASCII = 128;
const DATA_FIELD = Buffer.from('data:');
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const LINE_FEED = Buffer.of(LF);
const NO_BYTES = Buffer.of();
/** The end of an event that has no data yet. */
const NO_DATA = -1;

/**
 * Decodes a server-sent event stream from packets cut anywhere. Push design: one callback per event, no object, promise
 * or iterator per event, and no text of what nobody reads. Comments and the fields `id` and `retry` are dropped; an event
 * the stream ends in is dropped.
 */
export abstract class SseDecoder implements SseEvent {
  #eventCount = 0;
  /** The beginning of a line whose end has not come. */
  #held: GrowingBytes | undefined;
  /** The data of the event so far: a range of the packet, or of bytes of our own. */
  #bytes: Buffer = NO_BYTES;
  #start = 0;
  #end = NO_DATA;
  /** The data lines of an event that has more than one. */
  #dataLines: GrowingBytes | undefined;
  #type = '';
  /** What ended the last line; 0 before the first. */
  #lineEnd = 0;

  protected abstract onEvent(event: SseEvent): void;

  /** Receives fields the format does not know; llama-server builds before September 2025 wrote faults as one. */
  protected onUnknownField?(name: string, value: string): void;

  /** Events until now. */
  get eventCount(): number {
    return this.#eventCount;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get type(): string {
    return this.#type === '' ? 'message' : this.#type;
  }

  get text(): string {
    return this.#bytes.toString('utf8', this.#start, this.#end);
  }

  /**
   * Hands every event to `onEvent` that a packet completes: the bytes from `start` to before `end`.
   *
   * @throws OrchError WORKER_RESET for bytes that are not UTF-8 and for a line or event over the bound; and whatever
   *   `onEvent` throws. The decoder must not be used afterwards.
   */
  protected decode(packet: Buffer, start: number, end: number): void {
    let lineStart = start;
    let isAscii = true;
    for (let at = nextNotable(packet, start, end); at < end; at = nextNotable(packet, at + 1, end)) {
      const byte = packet[at] ?? 0;
      if (byte >= FIRST_BEYOND_ASCII) {
        isAscii = false;
        continue;
      }
      if (this.#held !== undefined) this.#heldLine(this.#held.append(packet, lineStart, at).whole);
      else if (at === lineStart) this.#emptyLine(byte);
      else if (isAscii) this.#line(packet, lineStart, at);
      else this.#textLine(packet, lineStart, at);
      this.#lineEnd = byte;
      lineStart = at + 1;
      isAscii = true;
    }
    if (lineStart < end) this.#hold(packet, lineStart, end);
    if (this.#end !== NO_DATA && this.#bytes === packet) this.#keepData();
  }

  /** What follows the last line end of a packet waits for its own. */
  #hold(packet: Buffer, start: number, end: number): void {
    this.#held ??= new GrowingBytes();
    this.#bound(this.#held.length + end - start);
    this.#held.append(packet, start, end);
  }

  #heldLine(line: Buffer): void {
    this.#held = undefined;
    this.#textLine(line, 0, line.length);
  }

  /** ORCH-4051: LF, CRLF and lone CR all end a line, wherever a packet cuts them. */
  #emptyLine(lineEnd: number): void {
    if (lineEnd === CR || this.#lineEnd !== CR) this.#dispatch();
  }

  #textLine(bytes: Buffer, start: number, end: number): void {
    // ORCH-4052: replacement characters would change what the model wrote, so bytes that are not text are a fault.
    if (!isUtf8(bytes.subarray(start, end))) throw protocolFault('not_utf8');
    const hasMark = this.#lineEnd === 0 && hasPrefix(bytes, start, BYTE_ORDER_MARK);
    const from = hasMark ? start + BYTE_ORDER_MARK.length : start;
    if (from < end) this.#line(bytes, from, end);
  }

  #line(bytes: Buffer, start: number, end: number): void {
    this.#bound(end - start);
    if (hasPrefix(bytes, start, DATA_FIELD)) {
      const from = start + DATA_FIELD.length;
      this.#addData(bytes, bytes[from] === SPACE ? from + 1 : from, end);
    } else if (bytes[start] !== COLON /* a comment */) {
      this.#otherField(bytes.toString('utf8', start, end));
    }
  }

  #addData(bytes: Buffer, start: number, end: number): void {
    if (this.#end === NO_DATA) {
      // All packets of a thread may share one buffer, and a store of an object costs more than this look.
      if (this.#bytes !== bytes) this.#bytes = bytes;
      this.#start = start;
      this.#end = end;
      return;
    }
    this.#dataLines ??= new GrowingBytes().append(this.#bytes, this.#start, this.#end);
    this.#bound(this.#dataLines.length + 1 + end - start);
    this.#dataLines.append(LINE_FEED, 0, 1).append(bytes, start, end);
  }

  /** The packet's bytes are gone when the next one comes. */
  #keepData(): void {
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#start, this.#end));
    this.#start = 0;
    this.#end = this.#bytes.length;
  }

  #otherField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1);
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#addData(NO_BYTES, 0, 0);
    else if (name !== 'id' && name !== 'retry') this.onUnknownField?.(name, value);
  }

  #dispatch(): void {
    if (this.#dataLines !== undefined) this.#joinData(this.#dataLines.whole);
    if (this.#end !== NO_DATA) {
      this.#eventCount += 1;
      this.onEvent(this);
    }
    this.#end = NO_DATA;
    this.#type = '';
  }

  #joinData(data: Buffer): void {
    this.#dataLines = undefined;
    this.#bytes = data;
    this.#start = 0;
    this.#end = data.length;
  }

  #bound(bytes: number): void {
    // ORCH-4053: a line without an end must not eat the memory.
    if (bytes > MAX_EVENT_BYTES) throw protocolFault('event_too_long', { limit: MAX_EVENT_BYTES });
  }
}

/** Where the next line end or byte beyond ASCII stands; `end` where none is left. A loop of its own is a fast one. */
function nextNotable(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte === LF || byte === CR || byte >= FIRST_BEYOND_ASCII) break;
    at += 1;
  }
  return at;
}
