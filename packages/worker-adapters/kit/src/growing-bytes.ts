// SPDX-License-Identifier: MIT

const LEAST_BYTES = 1_024;

/** Bytes that are put together from parts whose number and sizes nobody knows beforehand. */
export class GrowingBytes {
  #bytes = Buffer.allocUnsafe(LEAST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All bytes until now; valid until more are appended. */
  get whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: Buffer, start: number, end: number): this {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
    return this;
  }
}
