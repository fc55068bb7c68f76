// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';

/** Resolves after `delayMs`. @throws the signal's reason as soon as `signal` aborts. */
export async function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = clock.setTimer(delayMs, () => resolve(undefined));
  const abort = (): void => reject(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', abort);
  }
}
