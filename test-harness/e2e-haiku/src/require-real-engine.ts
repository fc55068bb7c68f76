// SPDX-License-Identifier: MIT
import type { Receipt } from '@llama-orch/client';

/**
 * Fails when a mock answered although `REQUIRE_REAL_LLAMA` is `1`: a test of the engine must not pass without one.
 *
 * @param receipt Of the task that was answered; the receipt tells who did it, whatever was configured.
 * @throws Error naming the engine.
 */
export function requireRealEngine({ engine }: Pick<Receipt, 'engine'>, env: NodeJS.ProcessEnv = process.env): void {
  if (env['REQUIRE_REAL_LLAMA'] === '1' && engine === 'mock') {
    throw new Error('REQUIRE_REAL_LLAMA=1, but the engine "mock" answered.');
  }
}
