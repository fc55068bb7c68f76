// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';

/** What keeps a Node process alive and what tests forget to close. */
const WATCHED = ['TCPServerWrap', 'TCPSocketWrap', 'PipeWrap', 'ProcessWrap', 'Timeout', 'FSReqPromise'] as const;
const SETTLE_MS = 5;
const SETTLE_LIMIT_MS = 20_000;

/** Settings of {@link watchLeaks}. */
export interface LeakWatchOptions {
  /** How long closed handles may take to go, in milliseconds. Default 20,000. */
  readonly settleLimitMs?: number;
}

/** Ends by comparing the open handles with those at its start. */
export interface LeakWatch extends AsyncDisposable {
  /** Names of handles open now that were not open at the start, each as often as it leaks. */
  leaked(): readonly string[];
}

/**
 * Fails a test that leaves sockets, servers, child processes, pipes or timers behind.
 *
 * Use as the first line of a test: `await using _leaks = watchLeaks();`. Closing a socket takes turns of the event loop,
 * so disposal gives handles some time to go before it throws.
 */
export function watchLeaks({ settleLimitMs = SETTLE_LIMIT_MS }: LeakWatchOptions = {}): LeakWatch {
  const before = countHandles();
  const leaked = (): string[] => {
    const now = countHandles();
    return WATCHED.flatMap((name) =>
      Array<string>(Math.max(0, (now.get(name) ?? 0) - (before.get(name) ?? 0))).fill(name),
    );
  };
  return {
    leaked,
    async [Symbol.asyncDispose]() {
      // The operating system tells nobody when a closed handle is gone, so this is the one place that polls.
      for (let waitedMs = 0; leaked().length > 0 && waitedMs < settleLimitMs; waitedMs += SETTLE_MS) {
        await delay(SETTLE_MS);
      }
      const names = leaked();
      if (names.length > 0) throw new Error(`The test leaks ${names.length} handles: ${names.join(', ')}`);
    },
  };
}

function countHandles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
