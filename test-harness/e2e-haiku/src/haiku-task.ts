// SPDX-License-Identifier: MIT
import { randomInt } from 'node:crypto';
import type { TaskRequest } from '@llama-orch/client';

/** Words that nobody can know before the test runs. */
export interface RunTimeWords {
  /** The current minute, as in `forty-two`. */
  readonly minute: string;
  /** Four letters drawn now, as in `kuta`. */
  readonly nonce: string;
}

/** A request together with what its answer must contain. */
export interface HaikuTask {
  readonly request: TaskRequest;
  readonly words: RunTimeWords;
}

const SMALL = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty'];

/** The words of this moment. */
export function runTimeWords(now: Date = new Date()): RunTimeWords {
  return { minute: minuteInWords(now.getMinutes()), nonce: drawNonce() };
}

/** A greedy chat task that demands both words in one haiku. */
export function haikuTask(words: RunTimeWords = runTimeWords()): HaikuTask {
  const content = `Write a haiku about ${words.nonce} that includes the word "${words.minute}"`;
  return { words, request: { messages: [{ role: 'user', content }], temperature: 0, max_tokens: 90 } };
}

/** A number from 0 to 59 in English. */
export function minuteInWords(minute: number): string {
  const small = SMALL[minute];
  if (small !== undefined) return small;
  const unit = minute % 10;
  return `${TENS[Math.floor(minute / 10)] ?? ''}${unit === 0 ? '' : `-${SMALL[unit] ?? ''}`}`;
}

/** An invented word. No letter comes twice and the last is no `e`, so that it is not a word the model has learned. */
function drawNonce(): string {
  const consonants = drawTwo('bdfgklmnprstvz');
  const [first, last] = drawTwo('aiou');
  return `${consonants[0]}${first}${consonants[1]}${last}`;
}

function drawTwo(letters: string): readonly [string, string] {
  const first = letters.charAt(randomInt(letters.length));
  const others = letters.replace(first, '');
  return [first, others.charAt(randomInt(others.length))];
}
