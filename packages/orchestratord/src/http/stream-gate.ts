// SPDX-License-Identifier: MIT
import { refusal } from './refusal.ts';

/** Counts stream connections, and lets no more in than there are places. */
export interface StreamGate {
  /**
   * Takes a place.
   *
   * @param finish Ends a stream that would not end by itself when the service stops.
   * @returns Gives the place back; idempotent.
   * @throws OrchError TOO_MANY_STREAMS, or what `checkMemory` throws.
   */
  enter(finish?: () => void): () => void;
  /** Ends the streams that would not end by themselves. */
  finishAll(): void;
}

/** What a gate is made from. */
export interface StreamGateOptions {
  readonly maxStreams: number;
  readonly onCount: (openCount: number) => void;
  /** Throws while nobody may come in. */
  readonly checkMemory: () => void;
}

/** Makes the gate of one service. */
export function createStreamGate({ maxStreams, onCount, checkMemory }: StreamGateOptions): StreamGate {
  let openCount = 0;
  const endless = new Set<() => void>();
  onCount(openCount);
  return {
    enter(finish) {
      checkMemory();
      if (openCount >= maxStreams) {
        // ORCH-2137: a place that is not there is not waited for
        throw refusal('TOO_MANY_STREAMS', 'path', { limit: maxStreams, unit: 'streams' });
      }
      let isIn = true;
      if (finish !== undefined) endless.add(finish);
      onCount(++openCount);
      return () => {
        if (!isIn) return;
        isIn = false;
        if (finish !== undefined) endless.delete(finish);
        onCount(--openCount);
      };
    },
    finishAll() {
      for (const finish of [...endless]) finish();
    },
  };
}
