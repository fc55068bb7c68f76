// SPDX-License-Identifier: MIT

/** Where two streams part. */
export interface Difference {
  /** Index of the first piece that differs, as in token frames. */
  readonly index: number;
  /** Absent when this stream has ended before. */
  readonly original?: string;
  /** Absent when this stream has ended before. */
  readonly replay?: string;
  /** The text before it, which both have in common. */
  readonly before: string;
  /** What follows in each. */
  readonly original_after: string;
  readonly replay_after: string;
}

/** Pieces and characters shown around a difference. */
const CONTEXT_PIECES = 8;
const CONTEXT_LENGTH = 80;

/** The first piece in which two streams differ; undefined when they are the same, piece by piece. */
export function findDifference(original: readonly string[], replay: readonly string[]): Difference | undefined {
  const length = Math.max(original.length, replay.length);
  for (let index = 0; index < length; index += 1) {
    const [was, is] = [original[index], replay[index]];
    if (was === is) continue;
    const from = Math.max(0, index - CONTEXT_PIECES);
    return {
      index,
      ...(was === undefined ? {} : { original: was }),
      ...(is === undefined ? {} : { replay: is }),
      before: original.slice(from, index).join('').slice(-CONTEXT_LENGTH),
      original_after: after(original, index),
      replay_after: after(replay, index),
    };
  }
  return undefined;
}

function after(pieces: readonly string[], index: number): string {
  return pieces
    .slice(index + 1, index + 1 + CONTEXT_PIECES)
    .join('')
    .slice(0, CONTEXT_LENGTH);
}
