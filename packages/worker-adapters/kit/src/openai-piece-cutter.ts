// SPDX-License-Identifier: MIT
import { endOfJsonString, jsonStringBetween } from './json-cut.ts';

const TEXT_KEYS = ['"content":"', '"text":"'];
const USAGE_KEY = '"usage":{';
const ERROR_KEY = '"error"';

/**
 * Cuts the text out of a chunk without parsing it. What stands around the text is the same in all chunks of a stream that
 * carry nothing but text, so it is learned from one that was parsed; a chunk that differs anywhere is left to the parser.
 */
export class PieceCutter {
  #head: string | undefined;
  /** What follows the text, up to the running usage where there is one. */
  #tail = '';
  #hasUsage = false;

  /** Learns the form of a chunk whose only news is `piece`. */
  learn(chunk: string, piece: string): void {
    this.#head = undefined;
    for (const key of TEXT_KEYS) {
      const start = chunk.indexOf(key) + key.length;
      if (start < key.length) continue;
      const end = endOfJsonString(chunk, start);
      if (end < 0 || jsonStringBetween(chunk, start, end) !== piece) continue;
      const usageAt = chunk.indexOf(USAGE_KEY, end);
      this.#head = chunk.slice(0, start);
      this.#hasUsage = usageAt >= 0;
      this.#tail = chunk.slice(end, this.#hasUsage ? usageAt + USAGE_KEY.length : chunk.length);
      return;
    }
  }

  /** The text of a chunk of the learned form, never empty; undefined for all others. */
  cut(chunk: string): string | undefined {
    const head = this.#head;
    if (head === undefined || !chunk.startsWith(head)) return undefined;
    const end = endOfJsonString(chunk, head.length);
    if (end < 0 || !chunk.startsWith(this.#tail, end)) return undefined;
    const tailEnd = end + this.#tail.length;
    if (this.#hasUsage ? !isRestOfUsage(chunk, tailEnd) : tailEnd !== chunk.length) return undefined;
    const piece = jsonStringBetween(chunk, head.length, end);
    return piece === '' ? undefined : piece;
  }
}

/** Whether only the numbers of a usage object follow. */
function isRestOfUsage(chunk: string, at: number): boolean {
  return chunk.endsWith('}}') && chunk.indexOf(ERROR_KEY, at) < 0;
}
