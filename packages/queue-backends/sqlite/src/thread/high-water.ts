// SPDX-License-Identifier: MIT
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const MAGIC = 0x6c_6f_68_77;
const BYTES = 16;
const CHECKED_BYTES = 12;
/** The upper two of the number's 8 bytes stay 0 for some hundred years. */
const NUMBER_BYTES = 6;

/**
 * The number of the last committed record, kept outside the database: SQLite drops everything behind a damaged place of
 * its write-ahead log without a word, and only what stands elsewhere can tell. 16 bytes: magic, number, checksum; never
 * synchronized, so after a power loss it may lag behind the database but not run ahead.
 */
export class HighWater {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(BYTES);
  readonly #checked = this.#buffer.subarray(0, CHECKED_BYTES);

  constructor(file: string) {
    this.#fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#buffer.writeUInt32LE(MAGIC, 0);
  }

  /** The number last written; 0 when there is none or it cannot be trusted. */
  read(): number {
    const buffer = Buffer.alloc(BYTES);
    if (readSync(this.#fd, buffer, 0, BYTES, 0) < BYTES || buffer.readUInt32LE(0) !== MAGIC) return 0;
    if (crc32(buffer.subarray(0, CHECKED_BYTES)) !== buffer.readUInt32LE(CHECKED_BYTES)) return 0;
    return Number(buffer.readBigUInt64LE(4));
  }

  /** Writes the number in place. */
  write(sequence: number): void {
    this.#buffer.writeUIntLE(sequence, 4, NUMBER_BYTES);
    this.#buffer.writeUInt32LE(crc32(this.#checked), CHECKED_BYTES);
    writeSync(this.#fd, this.#buffer, 0, BYTES, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
