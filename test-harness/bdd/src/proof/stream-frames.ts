// SPDX-License-Identifier: MIT
import { parseFrame, type Frame } from '../wire/sse-reader.ts';

/** Keeps the model writing up to its bound. */
export const NEVER_ENDING = { type: 'grammar', grammar: 'root ::= [a-z ] root' };

/** The whole frames of a stream, comments left out; one that a lost connection tore is not among them. */
export function framesOf(body: string): readonly Frame[] {
  const blocks = body.split('\n\n').slice(0, -1);
  return blocks.filter((block) => !block.startsWith(':')).map((block) => parseFrame(`${block}\n\n`));
}

/** The frames that are stored: everything but `metrics`. */
export function storedOf(frames: readonly Frame[]): readonly Frame[] {
  return frames.filter(({ event }) => event !== 'metrics');
}

/** Whether a stream was `started`, tokens counted from 0 and one `end`, each with the id of its place. */
export function isWhole(frames: readonly Frame[]): boolean {
  const stored = storedOf(frames);
  const tokens = stored.slice(1, -1);
  const inOrder = tokens.every(({ event, data }, index) => event === 'token' && data['i'] === index);
  const [job = ''] = stored[0]?.id.split(':') ?? [];
  const counted = stored.every(({ id }, seq) => id === `${job}:${seq}`);
  const isEnded = stored.at(-1)?.event === 'end' && frames.at(-1)?.event === 'end';
  return stored[0]?.event === 'started' && inOrder && counted && isEnded;
}

/** The token frames without their ids, which belong to the job: what two runs of one request have in common. */
export function tokenBytesOf(frames: readonly Frame[]): string {
  const tokens = frames.filter(({ event }) => event === 'token');
  return tokens.map(({ raw }) => raw.slice(raw.indexOf('\n') + 1)).join('');
}
