// SPDX-License-Identifier: MIT

/**
 * Cuts a stop text, and what follows it, off a stream of pieces, for engines that leave it in. What may be the beginning
 * of a stop text is held back until it is decided, so that nothing of a stop text leaves, wherever pieces are cut.
 */
export class StopCutter {
  readonly #stops: readonly string[];
  readonly #longestLength: number;
  #held = '';
  #hasCut = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
    this.#longestLength = Math.max(0, ...this.#stops.map(({ length }) => length));
  }

  /** True once a stop text was found. */
  get hasCut(): boolean {
    return this.#hasCut;
  }

  /** Takes a piece; returns the text that is certain now, which may be empty. */
  push(piece: string): string {
    if (this.#longestLength === 0) return piece;
    if (this.#hasCut) return '';
    const text = this.#held + piece;
    const at = this.#firstStop(text);
    if (at !== undefined) {
      this.#hasCut = true;
      this.#held = '';
      return text.slice(0, at);
    }
    const certain = this.#undecidedFrom(text);
    this.#held = text.slice(certain);
    return text.slice(0, certain);
  }

  /** The text that is still held back, once no more pieces come. */
  end(): string {
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
      if (this.#stops.some((stop) => text.endsWith(stop.slice(0, text.length - from)))) return from;
    }
    return text.length;
  }
}
