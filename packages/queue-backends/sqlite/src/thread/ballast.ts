// SPDX-License-Identifier: MIT
import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const CHUNK_BYTES = 1 << 20;
/** Room that must be free before the ballast is taken back, as a multiple of it: less would be full again at once. */
const REGAIN_RATIO = 2;

/** Disk space held in reserve: on a full disk SQLite cannot even delete. */
export class Ballast {
  readonly #file: string;
  readonly #bytes: number;
  #held: boolean;

  constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
    this.#held = statSync(file, { throwIfNoEntry: false })?.size === bytes;
  }

  /** True while the reserve is there. */
  get held(): boolean {
    return this.#held;
  }

  /** Gives the space back to the disk; false when there was none to give. */
  release(): boolean {
    const released = this.#held;
    rmSync(this.#file, { force: true });
    this.#held = false;
    return released;
  }

  /** Takes the reserve where the disk has plenty; false where it has not. */
  regain(): boolean {
    if (this.#held) return true;
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    if (bavail * bsize < this.#bytes * REGAIN_RATIO) return false;
    try {
      this.#write();
      this.#held = true;
      return true;
    } catch {
      // The space went while it was being taken; half a reserve is none.
      rmSync(this.#file, { force: true });
      return false;
    }
  }

  /** Random bytes: a file system that compresses or leaves out zeros would reserve nothing. */
  #write(): void {
    const fd = openSync(this.#file, 'w', 0o600);
    try {
      const chunk = randomFillSync(Buffer.alloc(Math.min(CHUNK_BYTES, this.#bytes)));
      for (let written = 0; written < this.#bytes;) {
        written += writeSync(fd, chunk, 0, Math.min(chunk.length, this.#bytes - written));
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}
