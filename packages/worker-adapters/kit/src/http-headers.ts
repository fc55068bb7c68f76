// SPDX-License-Identifier: MIT

const LINE_END = '\r\n';

/**
 * The headers of a head that is well formed, in lower case. What nobody asks for costs nothing: an engine sends many
 * headers, and few of them matter.
 */
export class HttpHeaders {
  /** Its first line is not a header. */
  readonly #head: string;

  constructor(head: string) {
    this.#head = head.toLowerCase();
  }

  /** The value under a name in lower case, repeated ones joined; undefined when there is none. */
  get(name: string): string | undefined {
    const head = this.#head;
    const begin = `${LINE_END}${name}:`;
    let value: string | undefined;
    for (let at = head.indexOf(begin); at >= 0; at = head.indexOf(begin, at + begin.length)) {
      const start = at + begin.length;
      const end = head.indexOf(LINE_END, start);
      const next = head.slice(start, end < 0 ? head.length : end).trim();
      value = value === undefined ? next : `${value}, ${next}`;
    }
    return value;
  }
}
