// SPDX-License-Identifier: MIT
import type { TextSink } from '../cli-host.ts';

/** One status that changes. */
export interface LiveLine {
  /** Shows a status; the same one again shows nothing. */
  show(status: string): void;
  /** Takes the status off the screen. */
  clear(): void;
}

const ERASE_LINE = '\r\u001B[2K';

/** A status on `sink`: rewritten in place on a terminal, one line per change elsewhere. */
export function createLiveLine(sink: TextSink): LiveLine {
  let shown = '';
  return {
    show(status) {
      if (status === shown) return;
      sink.write(sink.isTerminal ? `${ERASE_LINE}${status}` : `${status}\n`);
      shown = status;
    },
    clear() {
      if (shown !== '' && sink.isTerminal) sink.write(ERASE_LINE);
      shown = '';
    },
  };
}
