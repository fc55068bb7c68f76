// SPDX-License-Identifier: MIT
import { refusal } from './refusal.ts';

/** Most values in one body: far beyond any honest request, and parsed in a few milliseconds. */
const MAX_VALUES = 65_536;

/** One open object or array. */
interface Level {
  /** Keys seen; undefined in an array. */
  readonly keys: Set<string> | undefined;
  /** Key or index of the value being read. */
  at: string | number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Refuses JSON text that nests too deep, holds too many values or repeats a key, without building any value of it.
 * It is exact for valid JSON; text that is not JSON may pass and is left to the parser.
 *
 * @throws OrchError PAYLOAD_TOO_LARGE or INVALID_PARAMS.
 */
export function checkJsonShape(text: string, maxDepth: number): void {
  const levels: Level[] = [];
  /** The innermost. */
  let level: Level | undefined;
  let valueCount = 0;
  let keyIsNext = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = endOfString(text, i + 1);
        if (keyIsNext && level?.keys !== undefined) {
          takeKey(levels, level.keys, text.slice(i + 1, end));
          keyIsNext = false;
        }
        i = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY: {
        // ORCH-2022: both are found while nothing has been built
        if (levels.length >= maxDepth) throw tooMuch('levels', maxDepth);
        keyIsNext = text.charCodeAt(i) === OPEN_OBJECT;
        level = keyIsNext ? { keys: new Set(), at: '' } : { keys: undefined, at: 0 };
        levels.push(level);
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        levels.pop();
        level = levels.at(-1);
        keyIsNext = false;
        break;
      case COMMA:
        if (++valueCount >= MAX_VALUES) throw tooMuch('values', MAX_VALUES);
        keyIsNext = level?.keys !== undefined;
        if (typeof level?.at === 'number') level.at++;
        break;
    }
  }
}

/** Index of the quote that ends the string whose first character is at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = end;
    while (slashes > start && text.charCodeAt(slashes - 1) === BACKSLASH) slashes--;
    if ((end - slashes) % 2 === 0) return end;
  }
  return text.length;
}

function takeKey(levels: readonly Level[], keys: Set<string>, written: string): void {
  const key = unescaped(written);
  const level = levels.at(-1);
  if (level !== undefined) level.at = key;
  if (keys.has(key))
    throw refusal('INVALID_PARAMS', pathOf(levels), { message: 'An object holds the same key twice.' });
  keys.add(key);
}

/** Escapes may write one key in two ways. */
function unescaped(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    throw refusal('INVALID_PARAMS', '$', { message: 'The body is not valid JSON.' });
  }
}

function pathOf(levels: readonly Level[]): string {
  return levels.reduce((path, { at }) => path + (typeof at === 'number' ? `[${at}]` : `.${at}`), '$');
}

function tooMuch(unit: 'levels' | 'values', limit: number): Error {
  const what = unit === 'levels' ? `nests deeper than ${limit} levels` : `holds more than ${limit} values`;
  return refusal('PAYLOAD_TOO_LARGE', '$', { message: `The body ${what}.`, limit, unit });
}
