// SPDX-License-Identifier: MIT
import { endOfJsonString, hasPrefix, indexOfKey, jsonStringBetween, type ByteRange } from './json-cut.ts';

const TEXT_KEYS = [Buffer.from('"content":"'), Buffer.from('"text":"')];
const USAGE_KEY = Buffer.from('"usage":{');
const ERROR_KEY = Buffer.from('"error"');
const CLOSING_BRACES = Buffer.from('}}');

/**
 * Cuts the text out of a chunk without parsing it. What stands around the text is the same in all chunks of a stream that
 * carry nothing but text, so it is learned from one that was parsed; a chunk that differs anywhere is left to the parser.
 */
export class PieceCutter {
  #head: Buffer | undefined;
  /** What follows the text, up to the running usage where there is one. */
  #tail: Buffer = Buffer.of();
  #hasUsage = false;

  /** Whether chunks of the learned form carry a running usage. */
  get hasUsage(): boolean {
    return this.#hasUsage;
  }

  /** Learns the form of a chunk whose only news is `piece`. */
  learn(chunk: ByteRange, piece: string): void {
    const { bytes, start, end } = chunk;
    this.#head = undefined;
    for (const key of TEXT_KEYS) {
      const keyAt = indexOfKey(chunk, key, start);
      if (keyAt < 0) continue;
      const textStart = keyAt + key.length;
      const textEnd = endOfJsonString(chunk, textStart);
      if (textEnd < 0 || jsonStringBetween(bytes, textStart, textEnd) !== piece) continue;
      const usageAt = indexOfKey(chunk, USAGE_KEY, textEnd);
      this.#head = Buffer.from(bytes.subarray(start, textStart));
      this.#hasUsage = usageAt >= 0;
      this.#tail = Buffer.from(bytes.subarray(textEnd, this.#hasUsage ? usageAt + USAGE_KEY.length : end));
      return;
    }
  }

  /** The text of a chunk of the learned form, never empty; undefined for all others. */
  cut(chunk: ByteRange): string | undefined {
    const { bytes, start, end } = chunk;
    const head = this.#head;
    if (head === undefined || !hasPrefix(bytes, start, head)) return undefined;
    const textStart = start + head.length;
    const textEnd = endOfJsonString(chunk, textStart);
    if (textEnd < 0 || !hasPrefix(bytes, textEnd, this.#tail)) return undefined;
    const tailEnd = textEnd + this.#tail.length;
    if (this.#hasUsage ? !isRestOfUsage(chunk, tailEnd) : tailEnd !== end) return undefined;
    const piece = jsonStringBetween(bytes, textStart, textEnd);
    return piece === '' ? undefined : piece;
  }
}

/** Whether only the numbers of a usage object follow. */
function isRestOfUsage(chunk: ByteRange, at: number): boolean {
  return (
    hasPrefix(chunk.bytes, chunk.end - CLOSING_BRACES.length, CLOSING_BRACES) && indexOfKey(chunk, ERROR_KEY, at) < 0
  );
}
