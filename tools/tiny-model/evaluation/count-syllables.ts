// SPDX-License-Identifier: MIT
import lexicon from './syllables.json' with { type: 'json' };

const counts = new Map(
  Object.entries(lexicon).flatMap(([count, words]) => words.split(' ').map((word) => [word, Number(count)])),
) as ReadonlyMap<string, number>;

/** Syllables of a line by the model's lexicon, and by a rough guess for words outside it. */
export function countSyllables(text: string): number {
  let total = 0;
  for (const [piece] of text.matchAll(/[A-Za-z0-9'\u2011-]+/g)) {
    const word = piece.replace(/^[-']+|[-']+$/g, '').replaceAll('\u2011', '-');
    if (word !== '') total += countInWord(word);
  }
  return total;
}

function countInWord(word: string): number {
  const known = counts.get(word) ?? counts.get(word.toLowerCase());
  if (known !== undefined) return known;
  if (!word.includes('-')) return guessSyllables(word.toLowerCase());
  return word.split('-').reduce((sum, part) => sum + countSyllables(part), 0);
}

function guessSyllables(word: string): number {
  let count = word.match(/[aeiouy]+/g)?.length ?? 0;
  if (word.endsWith('e') && count > 1 && !/(le|ee|ye|oe)$/.test(word)) count -= 1;
  const digitCount = word.match(/\d/g)?.length ?? 0;
  // Nobody can say how an identifier sounds.
  if (digitCount > 0 || (word.length > 7 && count > 4)) return Math.max(1, Math.min(count + digitCount, 3));
  return Math.max(1, count);
}
