// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';

/** How long something may take. */
export interface Limit {
  readonly clock: Clock;
  readonly limitMs: number;
  /** What it rejects with when the time is over. */
  readonly onLimit: () => Error;
  readonly signal: AbortSignal;
}

/** Does `act` under a limit of time. It rejects at the limit and when `signal` aborts, also where `act` obeys neither. */
export async function withLimit<T>(limit: Limit, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, limitMs, onLimit, signal } = limit;
  signal.throwIfAborted();
  const stop = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const cut = (reason: unknown): void => {
    reject(reason);
    stop.abort(reason);
  };
  const timer = clock.setTimer(limitMs, () => cut(onLimit()));
  const abort = (): void => cut(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([act(stop.signal), promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
  }
}
