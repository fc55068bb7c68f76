// SPDX-License-Identifier: MIT
import type { Digest, RunningDigest } from '../ports.ts';
import type { DeliveredPrefix } from '../store/task-store.ts';
import type { EventLog } from '../stream/event-log.ts';
import type { PieceSink } from '../stream/piece-sink.ts';

/** Characters that wait for the digest at most. */
const MAX_UNDIGESTED_LENGTH = 4_096;

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly digest: Digest;
  readonly log: EventLog;
  /** What earlier executions delivered; absent when this is the first. */
  readonly expected: DeliveredPrefix | undefined;
}

/**
 * Brings the pieces of one execution into a stream that earlier ones may have begun: what readers have is compared and not
 * written again, and what follows is written only once that is done.
 */
export class Delivery implements PieceSink {
  // What a token touches stands first and together.
  readonly #log: EventLog;
  readonly #expectedCount: number;
  #count = 0;
  /** Text that counts and is not digested yet: a digest takes a few long texts faster than many short ones. */
  #undigested = '';
  readonly #options: DeliveryOptions;
  readonly #digest: RunningDigest;
  /** Pieces that readers of another process have and this log does not. */
  #withheld: string[] = [];

  constructor(options: DeliveryOptions) {
    this.#log = options.log;
    this.#options = options;
    this.#digest = options.digest.startSha256();
    this.#expectedCount = options.expected?.pieceCount ?? 0;
  }

  get complete(): boolean {
    return this.#count >= this.#expectedCount;
  }

  /** Pieces that readers may have now. */
  get pieceCount(): number {
    return Math.max(this.#count, this.#expectedCount);
  }

  /** What these are. */
  get delivered(): DeliveredPrefix | undefined {
    if (!this.complete) return this.#options.expected;
    return this.#count === 0 ? undefined : { pieceCount: this.#count, sha256: this.#sha256() };
  }

  append(texts: readonly string[]): boolean {
    const dueCount = Math.max(0, this.#expectedCount - this.#count);
    const fresh = dueCount === 0 ? texts : texts.slice(dueCount);
    if (dueCount > 0 && !this.#repeat(texts.slice(0, dueCount))) return false;
    if (fresh.length === 0) return true;
    this.#undigested += fresh.join('');
    if (this.#undigested.length > MAX_UNDIGESTED_LENGTH) this.#digestAll();
    this.#count += fresh.length;
    this.#log.append(fresh);
    return true;
  }

  /** ORCH-1231: what was delivered is compared, never written again; a different text ends the job. */
  #repeat(texts: readonly string[]): boolean {
    const { log, expected } = this.#options;
    const heldCount = Math.min(texts.length, Math.max(0, log.tokenCount - this.#count));
    if (this.#differsFromLog(texts.slice(0, heldCount))) return false;
    this.#withheld.push(...texts.slice(heldCount));
    this.#undigested += texts.join('');
    this.#count += texts.length;
    if (!this.complete) return true;
    if (this.#sha256() !== expected?.sha256) return false;
    log.append(this.#withheld);
    this.#withheld = [];
    return true;
  }

  #differsFromLog(texts: readonly string[]): boolean {
    const { log } = this.#options;
    const from = Math.max(this.#count, log.firstTokenIndex);
    const held = log.pieces(from, Math.max(0, this.#count + texts.length - from));
    return held.some((text, place) => text !== texts[from - this.#count + place]);
  }

  #digestAll(): void {
    this.#digest.update(this.#undigested);
    this.#undigested = '';
  }

  #sha256(): string {
    this.#digestAll();
    return this.#digest.hex();
  }
}
