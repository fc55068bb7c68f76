// SPDX-License-Identifier: MIT

/** How a client reconnects. */
export interface ReconnectOptions {
  /** Wait before the first reconnect in a row, in milliseconds; it doubles with each. Default 250. */
  readonly baseDelayMs: number;
  /** Longest wait the client chooses by itself, in milliseconds. Default 10,000. */
  readonly maxDelayMs: number;
  /** Failures in a row after which it gives up. Default 10. */
  readonly maxAttempts: number;
  /** Silence after which a connection counts as cut, in milliseconds. Default 45,000: three heartbeats. */
  readonly idleTimeoutMs: number;
}

/** What a client does unless told otherwise. */
export const RECONNECT_DEFAULTS: ReconnectOptions = {
  baseDelayMs: 250,
  maxDelayMs: 10_000,
  maxAttempts: 10,
  idleTimeoutMs: 45_000,
};

/** What one wait depends on. */
export interface BackOffInput {
  /** Failures in a row, from 1. */
  readonly failureCount: number;
  /** From 0 to 1. */
  readonly random: number;
  /** What the service asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Milliseconds to wait before the next attempt: exponential, jittered by up to half, never shorter than the service asked for. */
export function backOffMs({ failureCount, random, retryAfterMs = 0 }: BackOffInput, options: ReconnectOptions): number {
  const fullMs = Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** (failureCount - 1));
  // ORCH-2514: jitter keeps clients that were cut together from coming back together.
  return Math.max(retryAfterMs, fullMs * (1 - random / 2));
}

/**
 * Resolves after `delayMs` milliseconds.
 *
 * @throws The signal's reason when it aborts first.
 */
export async function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
