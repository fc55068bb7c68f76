// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '@llama-orch/config-schema';
import type { Logger, Orchestrator } from '@llama-orch/orchestrator-core';
import { createApp, type App } from './app.ts';
import { compose, type Composition } from './compose.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { createHttpServer } from './http/http-server.ts';
import { stopGracefully } from './runtime/stop-gracefully.ts';
import { readEngines } from './telemetry/read-engines.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** A service that listens. */
export interface RunningService {
  /** Its address, as in `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly orchestrator: Orchestrator;
  /** Resolves when every pool is ready or has failed. */
  readonly settled: Promise<void>;
  /** Finishes what runs within the grace, then ends everything; idempotent. ORCH-2302 */
  stop(reason: string): Promise<void>;
}

/**
 * Composes a service and lets it listen. Engines load after it listens; `/readyz` tells when they have.
 *
 * @throws the error of `listen`, such as EADDRINUSE.
 */
export async function startService(loaded: LoadedConfig, logger: Logger): Promise<RunningService> {
  const { config, engineKeys } = loaded;
  const metrics = createMetrics(config.pools.map(({ id }) => id));
  const composition = compose({ config, engineKeys, logger, meter: metrics.meter });
  const app = createServiceApp(loaded, { composition, metrics, logger });
  const server = createHttpServer(app.handle, serverLimits(config));
  try {
    server.listen(config.listen.port, config.listen.host);
    await once(server, 'listening');
  } catch (error) {
    await composition.closeEngines();
    throw error;
  }
  const url = urlOf(server, config.listen.host);
  // ORCH-2311
  logger.log('info', `The service listens on ${url}.`, { address: url });
  const starting = new AbortController();
  const settled = composition.orchestrator.start(starting.signal);
  let stopping: Promise<void> | undefined;
  return {
    url,
    orchestrator: composition.orchestrator,
    settled,
    stop(reason) {
      starting.abort();
      stopping ??= stopGracefully({ composition, app, server, graceMs: config.shutdown.grace_ms, reason });
      return stopping;
    },
  };
}

interface AppParts {
  readonly composition: Composition;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

function createServiceApp({ config, token }: LoadedConfig, { composition, metrics, logger }: AppParts): App {
  const { limits, listen, stream } = config;
  const { orchestrator, adapters } = composition;
  return createApp({
    orchestrator,
    logger,
    meter: metrics.meter,
    async renderMetrics() {
      await readEngines({ pools: () => orchestrator.pools(), adapters, meter: metrics.meter });
      return metrics.render();
    },
    access: { token, allowedHosts: [...namesOf(listen.host), ...listen.allowed_hosts] },
    logRequests: config.log.level === 'debug',
    limits: { maxBytes: limits.body_bytes, maxDepth: limits.body_depth, maxStreams: limits.open_streams },
    stream: {
      heartbeatMs: stream.heartbeat_ms,
      clientBufferBytes: stream.client_buffer_bytes,
      drainTimeoutMs: stream.drain_timeout_ms,
    },
  });
}

/** The names a bound address gives; the wildcards are no names: pages that ask for them mean a loopback service. */
function namesOf(host: string): readonly string[] {
  return host === '0.0.0.0' || host === '::' ? [] : [host];
}

function serverLimits({ limits, stream, watchdog }: Config): Parameters<typeof createHttpServer>[1] {
  return {
    headerBytes: limits.header_bytes,
    headersTimeoutMs: limits.headers_timeout_ms,
    bodyTimeoutMs: limits.body_timeout_ms,
    idleTimeoutMs: limits.idle_timeout_ms,
    clientBufferBytes: stream.client_buffer_bytes,
    // Longer than any silence of a service that is well: heartbeats and the wait for a canceled engine.
    silenceTimeoutMs: stream.heartbeat_ms + stream.drain_timeout_ms + watchdog.abort_grace_ms,
  };
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
