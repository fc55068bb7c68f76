// SPDX-License-Identifier: MIT

/**
 * Finds stop texts in a stream of pieces. Text that may be the beginning of a stop text is held back until it is decided,
 * so nothing of a stop text ever leaves, however the pieces are cut.
 */
export class StopScanner {
  #stops: readonly string[];
  #longestLength: number;
  #held = '';
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
    this.#longestLength = Math.max(0, ...this.#stops.map((stop) => stop.length));
  }

  /** True once a stop text was found. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes a piece; returns the text that is now certain, which may be empty. */
  push(piece: string): string {
    if (this.#longestLength === 0) return piece;
    if (this.#stopped) return '';
    const text = this.#held + piece;
    const at = this.#firstStop(text);
    if (at !== undefined) {
      this.#stopped = true;
      this.#held = '';
      return text.slice(0, at);
    }
    const certainLength = this.#undecidedFrom(text);
    this.#held = text.slice(certainLength);
    return text.slice(0, certainLength);
  }

  /** Lets everything pass from now on. */
  disarm(): void {
    this.#stops = [];
    this.#longestLength = 0;
    this.#stopped = false;
  }

  /** The text still held back, once no more pieces come. */
  flush(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }

  #firstStop(text: string): number | undefined {
    const found = this.#stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return found.length === 0 ? undefined : Math.min(...found);
  }

  #undecidedFrom(text: string): number {
    for (let from = Math.max(0, text.length - this.#longestLength + 1); from < text.length; from += 1) {
      const tail = text.slice(from);
      if (this.#stops.some((stop) => stop.startsWith(tail))) return from;
    }
    return text.length;
  }
}
