// SPDX-License-Identifier: MIT

const BACKSLASH = 92;
const DIGIT_ZERO = 48;
/** What a JSON string cannot hold as it stands. */
const NOT_VERBATIM = /[\\\u0000-\u001f]/;

/** Where the quote stands that ends the JSON string whose text begins at `start`; -1 when it has no end. */
export function endOfJsonString(json: string, start: number): number {
  for (let end = json.indexOf('"', start); end >= 0; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

/** The text of the JSON string that stands between two quotes; undefined when it is not valid. */
export function jsonStringBetween(json: string, start: number, end: number): string | undefined {
  const text = json.slice(start, end);
  if (!NOT_VERBATIM.test(text)) return text;
  try {
    return JSON.parse(json.slice(start - 1, end + 1)) as string;
  } catch {
    // Control characters or a broken escape: not JSON, whatever the rest is.
    return undefined;
  }
}

/** The whole number after the last `key`, read digit by digit; undefined when the key is not there. */
export function numberAfterKey(json: string, key: string): number | undefined {
  const keyAt = json.lastIndexOf(key);
  if (keyAt < 0) return undefined;
  let value = 0;
  for (let at = keyAt + key.length; at < json.length; at += 1) {
    const digit = json.charCodeAt(at) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
