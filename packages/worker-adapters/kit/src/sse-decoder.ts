// SPDX-License-Identifier: MIT
import { protocolFault } from './map-http-fault.ts';
import { Utf8Stream } from './utf8-stream.ts';

/** Receives one event: its data lines joined by LF, and its type (`message` when the stream names none). */
export type SseEventSink = (data: string, type: string) => void;

/** What an {@link SseDecoder} needs. */
export interface SseDecoderOptions {
  readonly onEvent: SseEventSink;
  /** Receives fields the format does not know; llama-server builds before September 2025 wrote faults as one. */
  readonly onUnknownField?: (name: string, value: string) => void;
  /** Bound of one line and of one event's data, in UTF-16 code units. Default 1,048,576. */
  readonly maxEventChars?: number;
}

const DEFAULT_MAX_EVENT_CHARS = 1_048_576;
const CARRIAGE_RETURN = /\r\n?/g;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Decodes a server-sent event stream from packets cut anywhere. Push design: one callback per event, no object, promise
 * or iterator per event. Comments and the fields `id` and `retry` are dropped; an event the stream ends in is dropped.
 */
export class SseDecoder {
  readonly #utf8 = new Utf8Stream();
  readonly #onEvent: SseEventSink;
  readonly #onUnknownField: ((name: string, value: string) => void) | undefined;
  readonly #maxEventChars: number;
  /** The beginning of a line whose end has not come, in the parts it came in: joined once, not once per packet. */
  #heldParts: string[] = [];
  #heldChars = 0;
  #data: string | undefined;
  #type = '';
  #isAtStart = true;
  #skipLineFeed = false;

  constructor(options: SseDecoderOptions) {
    this.#onEvent = options.onEvent;
    this.#onUnknownField = options.onUnknownField;
    this.#maxEventChars = options.maxEventChars ?? DEFAULT_MAX_EVENT_CHARS;
  }

  /**
   * Calls `onEvent` for every event this packet completes.
   *
   * @throws OrchError WORKER_RESET for bytes that are not UTF-8 and for a line or event over the bound; and whatever
   *   `onEvent` throws. The decoder must not be used afterwards.
   */
  push(chunk: Uint8Array): void {
    const text = this.#normalize(this.#utf8.decode(chunk));
    let start = 0;
    let end = text.indexOf('\n');
    if (end >= 0 && this.#heldChars > 0) {
      this.#hold(text.slice(0, end));
      const line = this.#heldParts.join('');
      this.#heldParts = [];
      this.#heldChars = 0;
      this.#line(line, 0, line.length);
      start = end + 1;
      end = text.indexOf('\n', start);
    }
    for (; end >= 0; end = text.indexOf('\n', start)) {
      this.#line(text, start, end);
      start = end + 1;
    }
    if (start < text.length) this.#hold(start === 0 ? text : text.slice(start));
  }

  /** ORCH-4051: LF, CRLF and lone CR all end a line, wherever a packet cuts them. */
  #normalize(decoded: string): string {
    let text = decoded;
    if (this.#isAtStart && text.length > 0) {
      this.#isAtStart = false;
      if (text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    }
    if (this.#skipLineFeed && text.length > 0) {
      this.#skipLineFeed = false;
      if (text.startsWith('\n')) text = text.slice(1);
    }
    if (!text.includes('\r')) return text;
    this.#skipLineFeed = text.endsWith('\r');
    return text.replace(CARRIAGE_RETURN, '\n');
  }

  #hold(part: string): void {
    this.#bound(this.#heldChars + part.length);
    this.#heldParts.push(part);
    this.#heldChars += part.length;
  }

  #line(text: string, start: number, end: number): void {
    if (start === end) {
      this.#dispatch();
      return;
    }
    this.#bound(end - start);
    if (text.startsWith('data:', start)) this.#addData(text.slice(valueStart(text, start + 5, end), end));
    else if (text.charCodeAt(start) !== 58 /* a comment */) this.#otherField(text.slice(start, end));
  }

  #addData(value: string): void {
    if (this.#data === undefined) {
      this.#data = value;
      return;
    }
    this.#bound(this.#data.length + value.length + 1);
    this.#data += `\n${value}`;
  }

  #otherField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(valueStart(line, colon + 1, line.length));
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#addData('');
    else if (name !== 'id' && name !== 'retry') this.#onUnknownField?.(name, value);
  }

  #dispatch(): void {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    this.#data = undefined;
    this.#type = '';
    if (data !== undefined) this.#onEvent(data, type);
  }

  #bound(chars: number): void {
    // ORCH-4053: a line without an end must not eat the memory.
    if (chars > this.#maxEventChars) throw protocolFault('event_too_long', { limit: this.#maxEventChars });
  }
}

function valueStart(text: string, at: number, end: number): number {
  return at < end && text.charCodeAt(at) === 32 ? at + 1 : at;
}
