// SPDX-License-Identifier: MIT
import { hashText, mix, wordsOf } from './seeded-words.ts';

const DIMENSIONS = 16;
const UINT32_RANGE = 0x1_0000_0000;

/** ORCH-4107: a unit vector that depends on the text alone. */
export function vectorOf(text: string): readonly number[] {
  const key = hashText(text);
  const raw = Array.from({ length: DIMENSIONS }, (_, i) => (mix(key + i) / UINT32_RANGE) * 2 - 1);
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

/** Share of the query's words the document holds, with a small part of the document's own to break ties. */
export function scoreOf(query: string, document: string): number {
  const held = new Set(wordsOf(document));
  const wanted = new Set(wordsOf(query));
  const shared = [...wanted].filter((word) => held.has(word)).length;
  return shared + hashText(document) / UINT32_RANGE / 2;
}
