// SPDX-License-Identifier: MIT
import type { Pool, VllmOptions } from '@llama-orch/config-schema';
import { longestSilenceMs } from '../config/watchdog-limits.ts';
import type { ServerParts } from './engines.ts';

type TimeLimits = Pick<
  VllmOptions,
  'connect_timeout_ms' | 'headers_timeout_ms' | 'idle_timeout_ms' | 'wall_timeout_ms'
>;

/** How an engine over HTTP is reached, as far as all adapters agree. */
export interface EngineConnection {
  readonly apiKey: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly wallTimeoutMs: number | undefined;
}

/** The key and the time limits of a pool's engine; silence is bounded by the longest the watchdog allows. */
export function connectionOf(pool: Pool, options: TimeLimits, { keys, watchdog }: ServerParts): EngineConnection {
  const silenceMs = longestSilenceMs(watchdog);
  return {
    apiKey: pool.api_key_env === undefined ? undefined : keys[pool.api_key_env],
    connectTimeoutMs: options.connect_timeout_ms,
    headersTimeoutMs: options.headers_timeout_ms ?? silenceMs,
    idleTimeoutMs: options.idle_timeout_ms ?? silenceMs,
    wallTimeoutMs: options.wall_timeout_ms,
  };
}
