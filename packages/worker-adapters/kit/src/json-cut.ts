// SPDX-License-Identifier: MIT

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

const BACKSLASH = 92;
const QUOTE = 34;
const SPACE = 32;
const DIGIT_ZERO = 48;

/** Whether `prefix` stands at a place. */
export function hasPrefix(bytes: Buffer, at: number, prefix: Buffer): boolean {
  for (let place = 0; place < prefix.length; place += 1) {
    if (bytes[at + place] !== prefix[place]) return false;
  }
  return true;
}

/** Where `key` stands first from `from` on; -1 when it does not. */
export function indexOfKey({ bytes, end }: ByteRange, key: Buffer, from: number): number {
  const last = end - key.length;
  const first = key[0];
  for (let at = from; at <= last; at += 1) if (bytes[at] === first && hasPrefix(bytes, at, key)) return at;
  return -1;
}

/** Where the quote stands that ends the JSON string whose text begins at `from`; -1 when it has no end. */
export function endOfJsonString({ bytes, end }: ByteRange, from: number): number {
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return -1;
}

/** The text of the JSON string that stands between two quotes; undefined when it is not valid. */
export function jsonStringBetween(json: Buffer, start: number, end: number): string | undefined {
  for (let at = start; at < end; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === BACKSLASH || byte < SPACE) return parsedString(json, start, end);
  }
  return json.toString('utf8', start, end);
}

/** The whole number after the last `key`, read digit by digit; undefined when the key is not there. */
export function numberAfterKey({ bytes, start, end }: ByteRange, key: Buffer): number | undefined {
  const first = key[0];
  let at = end - key.length;
  while (at >= start && (bytes[at] !== first || !hasPrefix(bytes, at, key))) at -= 1;
  if (at < start) return undefined;
  let value = 0;
  for (at += key.length; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

function parsedString(json: Buffer, start: number, end: number): string | undefined {
  try {
    return JSON.parse(json.toString('utf8', start - 1, end + 1)) as string;
  } catch {
    // Control characters or a broken escape: not JSON, whatever the rest is.
    return undefined;
  }
}
