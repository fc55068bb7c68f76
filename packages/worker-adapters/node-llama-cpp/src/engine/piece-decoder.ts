// SPDX-License-Identifier: MIT
import type { LlamaModel, Token } from 'node-llama-cpp';

/** Turns tokens into text, one token at a time, never splitting a character. */
export interface PieceDecoder {
  /** The text that is complete with this token; empty inside a character. */
  push(token: Token): string;
  /** What is left of an unfinished character, as replacement characters. */
  flush(): string;
}

const REPLACEMENT = '\ufffd';
const LONGEST_CHARACTER_TOKENS = 4;
const CONTEXT_TOKENS = 3;

/**
 * A fresh decoder for one generation.
 *
 * Byte-level vocabularies are decoded here, byte by byte: llama.cpp's own `detokenize` removes blanks before punctuation
 * (`a ? b` becomes `a? b`), which corrupts code.
 */
export function createPieceDecoder(model: LlamaModel, byteTable: ByteTable | undefined): PieceDecoder {
  return byteTable === undefined ? new EngineDecoder(model) : new ByteDecoder(byteTable);
}

/** The bytes of every token of a byte-level vocabulary. */
export type ByteTable = (token: Token) => Uint8Array;

const CONTROL_TOKEN_TYPES: ReadonlySet<number> = new Set([2, 3, 5]);

/** What a file may hold; not every writer gives token types. */
interface GgufVocabulary {
  readonly model: string;
  readonly tokens: readonly string[];
  readonly token_type?: readonly number[];
}

/** The bytes behind the tokens of a GPT-2 style vocabulary; undefined for any other kind. */
export function byteTableOf(model: LlamaModel): ByteTable | undefined {
  const vocabulary: GgufVocabulary = model.fileInfo.metadata.tokenizer.ggml;
  if (vocabulary.model !== 'gpt2') return undefined;
  const { tokens, token_type: types } = vocabulary;
  const bytes = byteSymbols();
  const none = new Uint8Array();
  const bytesOf = (token: Token): Uint8Array => {
    const symbols = tokens[token];
    if (symbols === undefined || CONTROL_TOKEN_TYPES.has(Number(types?.[token]))) return none;
    const decoded = Array.from(symbols, (symbol) => bytes.get(symbol));
    // User-defined tokens hold plain text, which need not be made of byte symbols.
    return decoded.includes(undefined) ? new TextEncoder().encode(symbols) : Uint8Array.from(decoded as number[]);
  };
  // A text is made of few tokens, again and again.
  const known = new Map<Token, Uint8Array>();
  return (token) => {
    const seen = known.get(token);
    if (seen !== undefined) return seen;
    const bytes = bytesOf(token);
    known.set(token, bytes);
    return bytes;
  };
}

/** The printable stand-in for every byte in GPT-2 style vocabularies. */
function byteSymbols(): ReadonlyMap<string, number> {
  const symbols = new Map<string, number>();
  let shifted = 256;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    symbols.set(String.fromCodePoint(printable ? byte : shifted++), byte);
  }
  return symbols;
}

class ByteDecoder implements PieceDecoder {
  readonly #bytesOf: ByteTable;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(bytesOf: ByteTable) {
    this.#bytesOf = bytesOf;
  }

  push(token: Token): string {
    return this.#utf8.decode(this.#bytesOf(token), { stream: true });
  }

  flush(): string {
    return this.#utf8.decode();
  }
}

class EngineDecoder implements PieceDecoder {
  readonly #model: LlamaModel;
  readonly #before: Token[] = [];
  #pending: Token[] = [];

  constructor(model: LlamaModel) {
    this.#model = model;
  }

  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#model.detokenize(this.#pending, false, this.#before);
    if (text.endsWith(REPLACEMENT) && this.#pending.length < LONGEST_CHARACTER_TOKENS) return '';
    this.#before.push(...this.#pending);
    this.#before.splice(0, this.#before.length - CONTEXT_TOKENS);
    this.#pending = [];
    return text;
  }

  flush(): string {
    const pending = this.#pending;
    this.#pending = [];
    return pending.length === 0 ? '' : this.#model.detokenize(pending, false, this.#before);
  }
}
