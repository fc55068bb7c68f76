// SPDX-License-Identifier: MIT
import type { Clock } from '@llama-orch/orchestrator-core';
import { isPassing } from '../outbound/outbound-fault.ts';
import type { DownloadTuning } from './download-file.ts';

/** What is stored cannot be gone on with; `cause` is the fault that tells why. */
export class StartOver extends Error {
  constructor(cause: unknown) {
    super('The download starts over.', { cause });
    this.name = 'StartOver';
  }
}

/** When the next attempt is made. */
export interface RetryRules {
  readonly clock: Clock;
  readonly tuning: Pick<DownloadTuning, 'maxAttempts' | 'retryDelayMs'>;
}

const MAX_RETRY_DELAY_MS = 30_000;

/**
 * Tries until it succeeds, or fails for good. Attempts that got something done do not count.
 *
 * @param attempt Gets a function to call when something got done.
 */
export async function retrying<T>(
  rules: RetryRules,
  signal: AbortSignal,
  attempt: (onProgress: () => void) => Promise<T>,
): Promise<T> {
  let failureCount = 0;
  for (;;) {
    try {
      return await attempt(() => (failureCount = 0));
    } catch (error) {
      failureCount += 1;
      if (signal.aborted || !isPassing(error) || failureCount >= rules.tuning.maxAttempts) throw error;
      await pause(rules, failureCount, signal);
    }
  }
}

/** Waits before the attempt after the `count`th failure. @throws the reason of `signal` when it aborts. */
export async function pause({ clock, tuning }: RetryRules, count: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimer(Math.min(MAX_RETRY_DELAY_MS, tuning.retryDelayMs * 2 ** (count - 1)), resolve);
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
