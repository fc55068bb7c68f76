// SPDX-License-Identifier: MIT
/** Most records and characters of one batch; a record that is larger than the whole goes alone. */
const MAX_RECORDS = 512;
const MAX_CHARS = 1 << 20;

/** Journal records that are committed together. */
export class RecordBatch {
  readonly #records: string[] = [];
  readonly #committed = Promise.withResolvers<undefined>();
  readonly #answered = Promise.withResolvers<undefined>();
  #places: Map<string, number> | undefined;
  #chars = 0;

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
    return this.#records.length;
  }

  /** All of them, one after the other. */
  get text(): string {
    return this.#records.join('');
  }

  /** Size in characters. */
  get chars(): number {
    return this.#chars;
  }

  /** True when no record of this size goes in any more. */
  isFullFor(chars: number): boolean {
    return this.recordCount > 0 && (this.recordCount >= MAX_RECORDS || this.#chars + chars > MAX_CHARS);
  }

  /** Takes a record. */
  append(record: string): void {
    this.#records.push(record);
    this.#chars += record.length;
  }

  /** Takes a record in the place of the one of the same key, if there is one: only the newest counts. */
  appendLatest(key: string, record: string): void {
    this.#places ??= new Map();
    const place = this.#places.get(key);
    if (place === undefined) {
      this.#places.set(key, this.recordCount);
      this.append(record);
      return;
    }
    this.#chars += record.length - (this.#records[place]?.length ?? 0);
    this.#records[place] = record;
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
