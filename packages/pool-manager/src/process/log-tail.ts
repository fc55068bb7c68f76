// SPDX-License-Identifier: MIT
import { StringDecoder } from 'node:string_decoder';

const LINE_CHARS = 500;

/** The last lines of several byte streams, in memory that is bounded whatever they write. */
export class LogTail {
  readonly #limit: number;
  #lines: string[] = [];

  constructor(lineCount: number) {
    this.#limit = lineCount;
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines.slice(-this.#limit);
  }

  /** Cuts one stream into lines; each stream needs its own. */
  openStream(): LineCutter {
    return new LineCutter((line) => this.#add(line));
  }

  #add(line: string): void {
    this.#lines.push(line);
    // Cut in batches: one shift per line would copy the array each time.
    if (this.#lines.length >= 2 * this.#limit) this.#lines = this.#lines.slice(-this.#limit);
  }
}

/** Cuts bytes into lines at LF, CR LF or CR; an overlong line is told once, cut. */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';
  #isOverlong = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const [first = '', ...others] = this.#decoder.write(chunk).split(/\r\n|\n|\r/);
    this.#append(first);
    for (const part of others) {
      this.#endLine();
      this.#append(part);
    }
  }

  /** Tells what has come of an unfinished line. */
  end(): void {
    this.#append(this.#decoder.end());
    this.#endLine();
  }

  #append(text: string): void {
    if (this.#isOverlong) return;
    this.#rest += text;
    if (this.#rest.length <= LINE_CHARS) return;
    this.#isOverlong = true;
    this.#onLine(`${this.#rest.slice(0, LINE_CHARS)} …`);
    this.#rest = '';
  }

  #endLine(): void {
    if (this.#rest.trim() !== '') this.#onLine(this.#rest);
    this.#rest = '';
    this.#isOverlong = false;
  }
}
