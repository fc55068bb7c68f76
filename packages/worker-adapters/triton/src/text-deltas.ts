// SPDX-License-Identifier: MIT
import { protocolFault } from '@llama-orch/adapter-kit';

/** A character whose bytes have not all come. */
const UNDECIDED = /\uFFFD+$/;

/** Makes pieces of the texts of a stream. */
export interface TextDeltas {
  /**
   * The text that is new and certain.
   *
   * @throws OrchError WORKER_RESET for text that takes back what was sent.
   */
  push(text: string): string;
  /** What was held back. */
  end(): string;
  /** How much of the text that was sent the last one left out: a stop text that had begun. */
  readonly takenBackChars: number;
}

/** ORCH-4671: each text is new, whatever it looks like. */
export const plainDeltas: TextDeltas = { push: (text) => text, end: () => '', takenBackChars: 0 };

/** ORCH-4670: each text holds all text so far; texts that do not begin with the first one are new text after all. */
export function createCumulativeDeltas(): TextDeltas {
  let sent = '';
  let last = '';
  let isDecided = false;
  let isPlain = false;
  let takenBackChars = 0;

  function push(text: string): string {
    if (isPlain) return text;
    const certain = text.replace(UNDECIDED, '');
    if (certain.startsWith(sent)) {
      isDecided ||= sent !== '' && certain.length > sent.length;
      const delta = certain.slice(sent.length);
      sent = certain;
      last = text;
      return delta;
    }
    if (isDecided) {
      if (!sent.startsWith(certain)) throw protocolFault('unexpected_event');
      takenBackChars = sent.length - certain.length;
      return '';
    }
    isPlain = true;
    return text;
  }

  return {
    push,
    end: () => (isPlain || takenBackChars > 0 ? '' : last.slice(sent.length)),
    get takenBackChars() {
      return takenBackChars;
    },
  };
}
