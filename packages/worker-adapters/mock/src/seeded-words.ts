// SPDX-License-Identifier: MIT

const WORDS = (
  'rain moon river stone leaf wind snow field crow pond lantern harbor bell cloud dust ember fern frost garden hill ' +
  'ink jar kite lake meadow night oak path quiet reed shadow thaw umbrella valley willow yard amber bridge cedar dawn ' +
  'echo feather gate heron island jasmine kettle lotus mist nest orchard pine quilt road spark tide urn vine well yarn'
).split(' ');

/** A well-mixed 32-bit hash of a text. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Mixes a number so that neighbors share nothing. */
export function mix(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** ORCH-4100: the `index`-th piece of the endless text that belongs to `key`. */
export function wordPiece(key: number, index: number): string {
  const word = WORDS[mix(key + Math.imul(index + 1, 0x9e3779b9)) % WORDS.length] ?? '';
  return index === 0 ? word : ` ${word}`;
}

/** Words of a text, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\S+/g) ?? [];
}
