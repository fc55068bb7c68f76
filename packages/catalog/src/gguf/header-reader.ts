// SPDX-License-Identifier: MIT
/** A header that is not what it has to be. */
export class HeaderFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HeaderFault';
  }
}

/** Where a header is, and how far it may be read. */
export interface HeaderSource {
  /** Fills `target` from `position`, as far as the file goes. @returns Bytes read. */
  readonly read: (target: Buffer, position: number) => number;
  readonly fileBytes: number;
  /** Longest header that is read. */
  readonly maxHeaderBytes: number;
}

const WINDOW_BYTES = 2 ** 18;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a file from its start, never a byte past its end; ORCH-1630. */
export class HeaderReader {
  readonly #source: HeaderSource;
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  #windowStart = 0;
  #windowEnd = 0;
  #position = 0;

  constructor(source: HeaderSource) {
    this.#source = source;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that the file holds behind this place. */
  get leftBytes(): number {
    return this.#source.fileBytes - this.#position;
  }

  uint32(): number {
    return this.#take(4).readUInt32LE(0);
  }

  /** A 64-bit count or offset; one that no file can hold is a fault. */
  uint64(what: string): number {
    const value = this.#take(8).readBigUInt64LE(0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new HeaderFault(`${what} is ${value}.`);
    return Number(value);
  }

  /** A string with its length before it. */
  text(what: string, maxBytes: number): string {
    const length = this.uint64(`The length of ${what}`);
    if (length > maxBytes) throw new HeaderFault(`${what} is ${length} bytes long, more than ${maxBytes}.`);
    this.#check(length, what);
    const bytes = length <= WINDOW_BYTES ? this.#take(length) : this.#takeLong(length);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new HeaderFault(`${what} is not UTF-8.`);
    }
  }

  bytes(count: number): Buffer {
    return this.#take(count);
  }

  /** Passes bytes without looking at them. */
  skip(count: number, what: string): void {
    this.#check(count, what);
    this.#position += count;
  }

  #check(count: number, what: string): void {
    const { fileBytes, maxHeaderBytes } = this.#source;
    if (this.#position + count > fileBytes) throw new HeaderFault(`${what} runs past the end of the file.`);
    if (this.#position + count > maxHeaderBytes)
      throw new HeaderFault(`The header is longer than ${maxHeaderBytes} bytes.`);
  }

  #take(count: number): Buffer {
    this.#check(count, 'The header');
    if (this.#position < this.#windowStart || this.#position + count > this.#windowEnd) this.#load();
    const from = this.#position - this.#windowStart;
    if (this.#position + count > this.#windowEnd) throw new HeaderFault('The file became shorter while it was read.');
    this.#position += count;
    return this.#window.subarray(from, from + count);
  }

  #takeLong(count: number): Buffer {
    const whole = Buffer.alloc(count);
    for (let taken = 0; taken < count;) {
      const piece = this.#take(Math.min(WINDOW_BYTES, count - taken));
      taken += piece.copy(whole, taken);
    }
    return whole;
  }

  #load(): void {
    const { read, fileBytes } = this.#source;
    const length = Math.min(WINDOW_BYTES, fileBytes - this.#position);
    const bytesRead = read(this.#window.subarray(0, length), this.#position);
    this.#windowStart = this.#position;
    this.#windowEnd = this.#position + bytesRead;
  }
}
