// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Resolves once the service at `url` is ready.
 *
 * @throws The signal's reason when it aborts first.
 */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!(await isReady(url, signal))) {
    await delay(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet; an abort is told apart here.
    signal.throwIfAborted();
    return false;
  }
}
