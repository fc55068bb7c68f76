// SPDX-License-Identifier: MIT

const ESCAPE = String.raw`\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[tnr"\\[\]])`;
const NAME = /[a-zA-Z0-9-]+/y;
const BLANKS = /(?:[ \t]|#[^\r\n]*)*/y;
const BLANKS_AND_LINES = /(?:[ \t\r\n]|#[^\r\n]*)*/y;
const LINE_END = /\r\n|\n|\r/y;
const LITERAL = new RegExp(String.raw`"(?:[^"\\\0]|${ESCAPE})*"`, 'y');
const CHARACTERS = new RegExp(String.raw`\[\^?(?:[^\]\\\0]|${ESCAPE})+\]`, 'y');
const REPETITION = /[*+?]|\{[ \t]*(\d{1,4})[ \t]*(?:(,)[ \t]*(\d{1,4})?[ \t]*)?\}/y;
const DEFINITION = /::=/y;

/** llama.cpp unrolls repetitions and refuses what grows too large; this bound stays below its own. */
const MOST_UNROLLED_ITEMS = 1_000;
const DEEPEST_GROUP = 64;

class GrammarFault extends Error {}

/**
 * Reads a GBNF grammar as llama.cpp does and says what is wrong with it; undefined for a correct one. A message names a
 * line and never quotes the grammar.
 */
export function checkGbnf(grammar: string): string | undefined {
  try {
    new GbnfReader(grammar).read();
    return undefined;
  } catch (error) {
    if (error instanceof GrammarFault) return error.message;
    throw error;
  }
}

class GbnfReader {
  readonly #text: string;
  #at = 0;
  readonly #defined = new Set<string>();
  readonly #used = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    this.#take(BLANKS_AND_LINES);
    while (this.#at < this.#text.length) this.#readRule();
    if (!this.#defined.has('root')) throw new GrammarFault('there is no rule named root');
    if (!this.#used.isSubsetOf(this.#defined)) throw new GrammarFault('a rule is used but not defined');
  }

  #readRule(): void {
    const [name] = this.#expect(NAME, 'a rule name is missing');
    this.#defined.add(name);
    this.#take(BLANKS);
    this.#expect(DEFINITION, '::= is missing');
    this.#take(BLANKS_AND_LINES);
    this.#readAlternatives(0);
    if (this.#at < this.#text.length) this.#expect(LINE_END, 'a line end is missing');
    this.#take(BLANKS_AND_LINES);
  }

  /** Returns how many items the alternatives unroll to. */
  #readAlternatives(level: number): number {
    if (level > DEEPEST_GROUP) this.#fail('groups are too deep');
    let itemCount = this.#readSequence(level);
    while (this.#takeCharacter('|')) {
      this.#take(BLANKS_AND_LINES);
      itemCount += this.#readSequence(level);
    }
    return itemCount;
  }

  #readSequence(level: number): number {
    let itemCount = 0;
    for (;;) {
      const item = this.#readItem(level);
      if (item === undefined) return itemCount;
      this.#blanks(level);
      itemCount += this.#readRepetition(item, level);
    }
  }

  /** Returns how many items one item unrolls to; undefined when none begins here. */
  #readItem(level: number): number | undefined {
    const first = this.#text[this.#at];
    if (first === '"') {
      this.#expect(LITERAL, 'a text does not end');
    } else if (first === '[') {
      this.#expect(CHARACTERS, 'a character class does not end');
    } else if (this.#takeCharacter('(')) {
      this.#take(BLANKS_AND_LINES);
      const itemCount = this.#readAlternatives(level + 1);
      if (!this.#takeCharacter(')')) this.#fail('a group does not end');
      return itemCount + 1;
    } else if (!this.#takeCharacter('.')) {
      const name = this.#take(NAME)?.[0];
      if (name === undefined) return undefined;
      this.#used.add(name);
    }
    return 1;
  }

  #readRepetition(item: number, level: number): number {
    const match = this.#take(REPETITION);
    if (match === undefined) return item;
    const [, least = '1', comma, most = comma === undefined ? least : undefined] = match;
    const itemCount = (item + 1) * Math.max(Number(least), Number(most ?? 0), 1);
    if (Number(most ?? Infinity) < Number(least) || itemCount > MOST_UNROLLED_ITEMS) {
      this.#fail('a repetition is out of range');
    }
    this.#blanks(level);
    if (this.#take(REPETITION) !== undefined) this.#fail('a repetition is repeated');
    return itemCount;
  }

  /** Inside a group line ends are blanks; outside they end the rule. */
  #blanks(level: number): void {
    this.#take(level > 0 ? BLANKS_AND_LINES : BLANKS);
  }

  #takeCharacter(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match !== undefined) this.#at = pattern.lastIndex;
    return match;
  }

  #expect(pattern: RegExp, problem: string): RegExpExecArray {
    return this.#take(pattern) ?? this.#fail(problem);
  }

  #fail(problem: string): never {
    throw new GrammarFault(`${problem} in line ${this.#text.slice(0, this.#at).split('\n').length}`);
  }
}
