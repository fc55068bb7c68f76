// SPDX-License-Identifier: MIT
import type { Config, Pool } from '@llama-orch/config-schema';
import type { OrchestratorOptions, WatchdogLimits } from '@llama-orch/orchestrator-core';

const ONE_DAY_MS = 86_400_000;

type TimeLimits = Pick<OrchestratorOptions, 'abortGraceMs' | 'probeIntervalMs' | 'liveIntervalMs' | 'noReaderMs'>;

/** How long the engines of a pool may take: its own limits, and those of the service where it has none. */
export function watchdogLimits(config: Pick<Config, 'watchdog'>, pool: Pick<Pool, 'watchdog'>): WatchdogLimits {
  const { wall_ms: wallMs, idle_ms: idleMs, first_token_ms: firstTokenMs } = { ...config.watchdog, ...pool.watchdog };
  return {
    wallMs: limitOf(wallMs),
    idleMs: limitOf(idleMs),
    firstTokenMs: limitOf(firstTokenMs),
    abortGraceMs: pool.watchdog.abort_grace_ms ?? config.watchdog.abort_grace_ms,
  };
}

/** Times that hold for all pools. */
export function timeLimits({ stream, watchdog }: Pick<Config, 'stream' | 'watchdog'>): TimeLimits {
  return {
    abortGraceMs: watchdog.abort_grace_ms,
    probeIntervalMs: watchdog.probe_interval_ms,
    liveIntervalMs: stream.live_interval_ms,
    noReaderMs: limitOf(stream.no_reader_ms),
  };
}

/**
 * How long an adapter waits for an engine: longer than the watchdog, which knows a first token from a later one, but not for
 * ever.
 */
export function longestSilenceMs({ firstTokenMs = 0, idleMs = 0 }: WatchdogLimits): number {
  return Math.min(2 * Math.max(firstTokenMs, idleMs), ONE_DAY_MS);
}

/** 0 says that there is none. */
function limitOf(ms: number): number {
  return ms === 0 ? Infinity : ms;
}
