// SPDX-License-Identifier: MIT
import { refusal } from './refusal.ts';

/** Counts stream connections, and lets no more in than there are places. */
export interface StreamGate {
  /**
   * Takes a place.
   *
   * @param close Ends the stream when the service stops.
   * @returns Gives the place back; idempotent.
   * @throws OrchError TOO_MANY_STREAMS.
   */
  enter(close: () => void): () => void;
  /** Ends every stream that is still open. */
  closeAll(): void;
}

/** Makes the gate of one service. */
export function createStreamGate(maxStreams: number, onCount: (openCount: number) => void): StreamGate {
  const open = new Set<() => void>();
  onCount(0);
  return {
    enter(close) {
      if (open.size >= maxStreams) {
        // ORCH-2137: a place that is not there is not waited for
        throw refusal('TOO_MANY_STREAMS', 'path', { limit: maxStreams, unit: 'streams' });
      }
      open.add(close);
      onCount(open.size);
      return () => {
        if (open.delete(close)) onCount(open.size);
      };
    },
    closeAll() {
      for (const close of [...open]) close();
    },
  };
}
