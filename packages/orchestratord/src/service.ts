// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '@llama-orch/config-schema';
import { systemClock } from '@llama-orch/node-ports';
import type { Logger, Meter, Orchestrator } from '@llama-orch/orchestrator-core';
import { createApp, type App } from './app.ts';
import { keepArtifacts } from './artifacts/keep-artifacts.ts';
import { compose, type Composition } from './compose.ts';
import type { LoadedConfig } from './config/load-config.ts';
import { createConfigControl, type ConfigControl, type ConfigReload } from './pools/config-control.ts';
import { createHttpServer } from './http/http-server.ts';
import { MemoryGuard } from './memory/memory-guard.ts';
import { readMemory, ownOldSpaceLimitBytes } from './memory/old-space.ts';
import { watchKeyFile, type KeyFileWatch } from './runtime/watch-key-file.ts';
import { stopGracefully } from './runtime/stop-gracefully.ts';
import { readDevices } from './telemetry/read-devices.ts';
import { readEngines } from './telemetry/read-engines.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** A service that listens. */
export interface RunningService {
  /** Its address, as in `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly orchestrator: Orchestrator;
  /** Resolves when every pool is ready or has failed; rejects when what the store holds cannot be brought back. */
  readonly settled: Promise<void>;
  /** See {@link ConfigControl}. */
  reloadConfig(): Promise<ConfigReload>;
  /** Finishes what runs within the grace, then ends everything; idempotent. ORCH-2302 */
  stop(reason: string): Promise<void>;
}

/** What a service is given beside its configuration. */
export interface ServiceOptions {
  /** Reads the configuration again. @throws ConfigError. Default: it never changes. */
  readonly readConfig?: () => LoadedConfig;
}

/**
 * Composes a service and lets it listen. Engines load after it listens; `/readyz` tells when they have.
 *
 * @throws ConfigError when a directory cannot be used, or the error of `listen`, such as EADDRINUSE.
 */
export async function startService(
  loaded: LoadedConfig,
  logger: Logger,
  { readConfig = () => loaded }: ServiceOptions = {},
): Promise<RunningService> {
  const { config } = loaded;
  const metrics = createMetrics(config.pools.map(({ id }) => id));
  const composition = await compose({ ...loaded, logger, meter: metrics.meter });
  const keepPrompts = config.artifacts.keep_prompts;
  const keeping = keepArtifacts({ ...composition, clock: systemClock, logger, keepPrompts });
  // What has been opened is closed again when something after it fails; ORCH-2301.
  await using undo = new AsyncDisposableStack();
  undo.defer(() => composition.closeStore());
  undo.defer(() => composition.closeEngines());
  undo.defer(() => keeping.stop());
  const guard = createGuard(config, { logger, meter: metrics.meter });
  const keyWatch = undo.adopt(watchKeys(loaded, composition, logger), (made) => made.stop());
  const configControl = createConfigControl({ config, read: readConfig, fleet: composition.fleet, logger });
  const app = createServiceApp(loaded, { composition, configControl, metrics, keyWatch, logger, guard });
  const server = await listen(app, config);
  undo.move();
  const url = urlOf(server, config.listen.host);
  // ORCH-2311; ORCH-1200
  logger.log('info', `The service listens on ${url}; tasks are kept ${composition.storeName}.`, { address: url });
  const starting = new AbortController();
  const settled = composition.start(starting.signal);
  void settled.then(
    () => keeping.begin(),
    // Whoever started the service is told, and there is nothing to keep.
    () => undefined,
  );
  let stopping: Promise<void> | undefined;
  return {
    url,
    orchestrator: composition.orchestrator,
    settled,
    reloadConfig: () => configControl.reload(),
    stop(reason) {
      starting.abort();
      keyWatch.stop();
      const graceMs = config.shutdown.grace_ms;
      // The last traces are those of the tasks that the stop itself has ended.
      stopping ??= stopGracefully({ composition, app, server, graceMs, reason })
        .finally(() => keeping.stop())
        .finally(() => composition.closeStore());
      return stopping;
    },
  };
}

async function listen({ handle }: App, config: Config): Promise<Server> {
  const server = createHttpServer(handle, serverLimits(config));
  server.listen(config.listen.port, config.listen.host);
  await once(server, 'listening');
  return server;
}

function createGuard({ limits }: Config, { logger, meter }: { logger: Logger; meter: Meter }): MemoryGuard {
  return new MemoryGuard({
    clock: systemClock,
    logger,
    meter,
    read: readMemory,
    heapLimitBytes: ownOldSpaceLimitBytes(),
    residentMarkBytes: limits.resident_bytes,
  });
}

/** ORCH-2065 */
function watchKeys({ keyFile: file, keys }: LoadedConfig, composition: Composition, logger: Logger): KeyFileWatch {
  const poolIds = (): readonly string[] => composition.fleet.sections.map(({ id }) => id);
  return watchKeyFile({ file, keys, poolIds, logger, onChange: composition.setKeys });
}

interface AppParts {
  readonly composition: Composition;
  readonly configControl: ConfigControl;
  readonly metrics: Metrics;
  readonly keyWatch: KeyFileWatch;
  readonly logger: Logger;
  readonly guard: MemoryGuard;
}

function createServiceApp(
  { config, token }: LoadedConfig,
  { composition, configControl, metrics, keyWatch, logger, guard }: AppParts,
): App {
  const { artifacts, limits, listen, stream } = config;
  const { orchestrator, fleet, devices } = composition;
  const { meter } = metrics;
  return createApp({
    orchestrator,
    artifacts: composition.artifacts,
    storeTrouble: composition.storeTrouble,
    storeControl: composition.storeControl,
    models: composition.models,
    poolControl: fleet,
    configControl,
    checkMemory: guard.check,
    logger,
    meter,
    async renderMetrics() {
      guard.look();
      const adapters = new Map(fleet.replicas.map(({ id, adapter }) => [id, adapter]));
      const engines = readEngines({ pools: () => orchestrator.pools(), adapters, meter });
      await Promise.all([engines, readDevices({ devices, meter })]);
      return metrics.render();
    },
    access: { token, keys: keyWatch.keys, allowedHosts: [...namesOf(listen.host), ...listen.allowed_hosts] },
    logRequests: config.log.level === 'debug',
    limits: {
      maxBytes: limits.body_bytes,
      maxArtifactBytes: artifacts.max_bytes,
      maxDepth: limits.body_depth,
      maxStreams: limits.open_streams,
    },
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
