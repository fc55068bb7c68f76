// SPDX-License-Identifier: MIT
import { createLlamacppHttpAdapter } from '@llama-orch/adapter-llamacpp-http';
import { createMockAdapter } from '@llama-orch/adapter-mock';
import { createNodeLlamaCppAdapter } from '@llama-orch/adapter-node-llama-cpp';
import type { Config, EmbeddedOptions, LlamacppOptions, MockOptions, Pool } from '@llama-orch/config-schema';
import {
  createMemoryTaskQueue,
  createOrchestrator,
  type CorePorts,
  type Logger,
  type Meter,
  type Orchestrator,
  type PoolId,
  type PoolSpec,
  type QueueLimits,
  type ReplicaId,
} from '@llama-orch/orchestrator-core';
import { tinyModelDigest, tinyModelPath } from '@llama-orch/tiny-model';
import type { WorkerAdapter } from '@llama-orch/worker-adapter-api';
import { samplerProfiles } from './config/sampler-profiles.ts';
import { systemClock, systemDigest, systemIds, systemRandom } from './runtime/system-ports.ts';

/** What a service is composed from. */
export interface Parts {
  readonly config: Config;
  /** Engine keys by the name of their variable. */
  readonly engineKeys: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** The domain with its engines. */
export interface Composition {
  readonly orchestrator: Orchestrator;
  /** Adapters by replica id. */
  readonly adapters: ReadonlyMap<string, WorkerAdapter>;
  /** Ends every engine; call it after the orchestrator has stopped. */
  closeEngines(): Promise<void>;
}

/** Ended task ids remembered by the queue for each one that stays readable, so that an old id is never run again. */
const REMEMBERED_IDS_FACTOR = 100;

/** The only place that names concrete adapters and backends; ORCH-2400. */
export function compose({ config, engineKeys, logger, meter }: Parts): Composition {
  const ports: CorePorts = {
    clock: systemClock,
    random: systemRandom,
    ids: systemIds,
    digest: systemDigest,
    logger,
    meter,
  };
  const limits = queueLimits(config);
  const pools = config.pools.map((pool): PoolSpec => ({
    id: pool.id as PoolId,
    modelRefs: pool.model === undefined ? pool.model_refs : [pool.model, ...pool.model_refs],
    replicas: createEngines(pool, engineKeys).map((adapter, index) => ({
      id: `${pool.id}-${index}` as ReplicaId,
      adapter,
    })),
    limits,
    maxTokensOut: pool.max_tokens_out,
  }));
  const endedTasks = config.retention.ended_tasks;
  const orchestrator = createOrchestrator({
    ports,
    queue: createMemoryTaskQueue({
      limits: () => limits,
      retention: { endedTasks: Math.max(1, endedTasks) * REMEMBERED_IDS_FACTOR },
    }),
    pools,
    samplerProfiles: samplerProfiles(config),
    sessions: {
      ttlMs: config.sessions.ttl_ms,
      maxTurns: config.sessions.max_turns,
      tokenBudget: config.sessions.token_budget,
    },
    streamBufferBytes: config.stream.buffer_bytes,
    retention: { endedTasks, transcriptBytes: config.retention.transcript_bytes },
    abortGraceMs: config.watchdog.abort_grace_ms,
    liveIntervalMs: config.stream.live_interval_ms,
    probeIntervalMs: config.watchdog.probe_interval_ms,
  });
  const adapters = new Map(pools.flatMap(({ replicas }) => replicas.map(({ id, adapter }) => [id, adapter] as const)));
  return {
    orchestrator,
    adapters,
    async closeEngines() {
      await Promise.all(Array.from(adapters.values(), (adapter) => adapter.close()));
    },
  };
}

function queueLimits({ queue }: Config): QueueLimits {
  return {
    maxTasks: { interactive: queue.interactive_tasks, batch: queue.batch_tasks },
    maxBytes: queue.queued_bytes,
    fullPolicy: queue.full_policy,
    interactiveBurst: queue.interactive_burst,
  };
}

function createEngines(pool: Pool, keys: Readonly<Record<string, string>>): readonly WorkerAdapter[] {
  if (pool.adapter === 'llamacpp-http') {
    return [pool.base_url ?? []].flat().map((baseUrl) => createLlamacpp(pool, baseUrl, keys));
  }
  const create = pool.adapter === 'mock' ? createMock : createEmbedded;
  return Array.from({ length: pool.replicas ?? 1 }, () => create(pool));
}

function createMock(pool: Pool): WorkerAdapter {
  const options = pool.options as MockOptions;
  return createMockAdapter(
    given({
      modelId: pool.model,
      engineVersion: options.engine_version,
      slots: pool.slots,
      ctxMaxTokens: pool.ctx_max,
      startMs: options.start_ms,
      delayMs: options.delay_ms,
      burst: options.burst,
      loadMs: options.load_ms,
      failLoad: options.fail_load,
      directives: options.directives,
      clock: systemClock,
    }),
  );
}

function createEmbedded(pool: Pool): WorkerAdapter {
  const options = pool.options as EmbeddedOptions;
  const isBuiltIn = pool.model === undefined || pool.model.startsWith('builtin:');
  return createNodeLlamaCppAdapter(
    given({
      modelPath: isBuiltIn ? tinyModelPath : (pool.model ?? ''),
      expectedDigest: isBuiltIn ? tinyModelDigest : options.digest,
      slots: pool.slots,
      slotMode: options.slot_mode,
      ctxMaxTokens: pool.ctx_max,
      gpu: options.gpu === true ? 'auto' : false,
      threads: options.threads,
    }),
  );
}

function createLlamacpp(pool: Pool, baseUrl: string, keys: Readonly<Record<string, string>>): WorkerAdapter {
  const options = pool.options as LlamacppOptions;
  return createLlamacppHttpAdapter(
    given({
      baseUrl,
      apiKey: pool.api_key_env === undefined ? undefined : keys[pool.api_key_env],
      modelId: pool.model,
      modelDigest: options.digest,
      slots: pool.slots,
      workloads: options.workloads,
      connectTimeoutMs: options.connect_timeout_ms,
      headersTimeoutMs: options.headers_timeout_ms,
      idleTimeoutMs: options.idle_timeout_ms,
      wallTimeoutMs: options.wall_timeout_ms,
    }),
  );
}

/** Options without those that are not set: a default of the adapter must not be overwritten by nothing. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
