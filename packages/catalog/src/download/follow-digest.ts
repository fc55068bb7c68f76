// SPDX-License-Identifier: MIT
import { createHash, type Hash } from 'node:crypto';
import type { PartFile } from './part-file.ts';

const WINDOW_BYTES = 2 ** 20;

/**
 * SHA-256 of a part file while it arrives; ORCH-1612. It reads behind the writers, from the page cache, so that ranges may
 * come in any order and a download that goes on needs no saved state of the digest.
 */
export class FollowedDigest {
  readonly #part: PartFile;
  readonly #buffer = Buffer.alloc(WINDOW_BYTES);
  #hash: Hash = createHash('sha256');
  #position = 0;

  constructor(part: PartFile) {
    this.#part = part;
  }

  /** Begins again, for another entity. */
  restart(): void {
    this.#hash = createHash('sha256');
    this.#position = 0;
  }

  /** Follows until `totalBytes` have been taken. @returns `sha256:` and 64 hex digits. */
  async finish(totalBytes: number, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const stopped = aborted(signal);
    while (this.#position < totalBytes) {
      signal.throwIfAborted();
      const arrival = this.#part.arrival;
      const readyBytes = this.#part.ranges.leadingEnd - this.#position;
      if (readyBytes <= 0) {
        await Promise.race([arrival, stopped]);
        continue;
      }
      const window = this.#buffer.subarray(0, Math.min(WINDOW_BYTES, readyBytes));
      const bytesRead = await this.#part.read(window, this.#position);
      if (bytesRead === 0) throw new Error('The part file is shorter than its record says.');
      this.#hash.update(window.subarray(0, bytesRead));
      this.#position += bytesRead;
    }
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  // Nobody may be waiting when it comes.
  stopped.catch(() => undefined);
  return stopped;
}
