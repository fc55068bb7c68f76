// SPDX-License-Identifier: MIT

/** Everything that could be seen in a run, folded into one number: equal traces, equal runs. */
export class Trace {
  readonly #keepCount: number;
  readonly #lines: string[] = [];
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  /** Keeps the last `keepCount` lines for people to read. */
  constructor(keepCount: number) {
    this.#keepCount = keepCount;
  }

  /** Takes one event in. */
  note(line: string): void {
    // Two FNV-1a lanes of 32 bits: collisions do not matter here, speed does.
    for (let index = 0; index < line.length; index += 1) {
      const unit = line.charCodeAt(index);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193);
      this.#high = Math.imul(this.#high ^ (unit + index), 0x01000193);
    }
    if (this.#keepCount === 0) return;
    this.#lines.push(line);
    if (this.#lines.length > this.#keepCount * 2) this.#lines.splice(0, this.#keepCount);
  }

  /** 16 hex digits. */
  get hash(): string {
    return [this.#high, this.#low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** The last lines kept. */
  get tail(): readonly string[] {
    return this.#lines.slice(-this.#keepCount);
  }
}
