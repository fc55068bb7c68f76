// SPDX-License-Identifier: MIT
import type { Cell } from './protocol.ts';

/** Most records and characters of one batch; a record that is larger than the whole goes alone. */
const MAX_RECORDS = 512;
const MAX_CHARS = 1 << 20;

/** Journal records that are committed together. */
export class RecordBatch {
  readonly cells: Cell[] = [];
  readonly #committed = Promise.withResolvers<undefined>();
  readonly #answered = Promise.withResolvers<undefined>();
  #places: Map<string, number> | undefined;
  #chars = 0;
  #recordCount = 0;

  constructor() {
    // Whoever waits is told; a batch that nobody waits for fails nobody.
    this.#committed.promise.catch(() => undefined);
    this.#answered.promise.catch(() => undefined);
  }

  /** Resolves once it is committed, however long that takes; rejects only when the store is gone. */
  get committed(): Promise<unknown> {
    return this.#committed.promise;
  }

  /** Like `committed`, but rejects as soon as the store is in trouble: for those who would rather ask again. */
  get answered(): Promise<unknown> {
    return this.#answered.promise;
  }

  /** How many records it holds. */
  get recordCount(): number {
    return this.#recordCount;
  }

  /** Size in characters. */
  get chars(): number {
    return this.#chars;
  }

  /** True when no record of this size goes in any more. */
  isFullFor(chars: number): boolean {
    return this.#recordCount > 0 && (this.#recordCount >= MAX_RECORDS || this.#chars + chars > MAX_CHARS);
  }

  /** Takes a record. */
  append(cells: readonly Cell[], chars: number): void {
    for (const cell of cells) this.cells.push(cell);
    this.#chars += chars;
    this.#recordCount += 1;
  }

  /** Takes a record in the place of the one of the same key, if there is one: only the newest counts. */
  appendLatest(key: string, cells: readonly Cell[], chars: number): boolean {
    this.#places ??= new Map();
    const place = this.#places.get(key);
    if (place === undefined) {
      this.#places.set(key, this.cells.length);
      this.append(cells, chars);
      return true;
    }
    for (const [index, cell] of cells.entries()) this.cells[place + index] = cell;
    return false;
  }

  /** It is on disk. */
  succeed(): void {
    this.#committed.resolve(undefined);
    this.#answered.resolve(undefined);
  }

  /** It is not on disk yet. */
  delay(reason: Error): void {
    this.#answered.reject(reason);
  }

  /** It will never be on disk. */
  fail(reason: Error): void {
    this.#committed.reject(reason);
    this.#answered.reject(reason);
  }
}
