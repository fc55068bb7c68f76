// SPDX-License-Identifier: MIT

/** Bytes that the text takes in UTF-8; a lone surrogate counts as the replacement character, 3 bytes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
      continue;
    }
    bytes += 2;
    const pairs = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    // A pair takes 4 bytes: two units counted once each above, and 2 more here.
    if (pairs) index += 1;
  }
  return bytes;
}
