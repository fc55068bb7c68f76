// SPDX-License-Identifier: MIT
import { countSyllables } from './count-syllables.ts';

/** What one reply got right. */
export interface HaikuScore {
  /** The requested word stands in it, as a whole word. */
  readonly wordPresent: boolean;
  readonly threeLines: boolean;
  /** Lines of five, seven and five syllables. */
  readonly scans: boolean;
}

/** Judges a reply to a request for a haiku with `word`. */
export function scoreHaiku(text: string, word: string): HaikuScore {
  const lines = text.trim().split('\n');
  const wholeWord = new RegExp(`(?<![A-Za-z0-9-])${RegExp.escape(word)}(?![A-Za-z0-9-])`, 'i');
  return {
    wordPresent: wholeWord.test(text),
    threeLines: lines.length === 3,
    scans: lines.map(countSyllables).join(' ') === '5 7 5',
  };
}
